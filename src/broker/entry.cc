#include "broker/entry.h"

#include "base/json.h"

namespace latchkey::broker {
namespace {

using json::Object;

void add_secret(Object& to, std::string_view name, const Secret& secret) {
  if (!secret.empty()) to.add(std::string(name), secret.reveal());
}

void add_time(Object& to, std::string_view name, const std::optional<Instant>& time) {
  if (time) to.add(std::string(name), epoch(*time));
}

std::string text_of(const Object& from, std::string_view name) {
  const auto* value = from.find(name);
  const auto* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

Secret secret_of(const Object& from, std::string_view name) { return Secret(text_of(from, name)); }

std::optional<Instant> time_of(const Object& from, std::string_view name) {
  const auto* value = from.find(name);
  const auto* number = value == nullptr ? nullptr : value->as_int();
  if (number == nullptr) return std::nullopt;
  return from_epoch(*number);
}

}  // namespace

Secret write_entry(const Entry& entry) {
  Object out;
  out.add("generation", entry.generation);
  add_secret(out, "access_token", entry.access_token);
  add_time(out, "access_until", entry.access_until);
  add_secret(out, "refresh_token", entry.refresh_token);
  add_time(out, "refresh_until", entry.refresh_until);
  add_secret(out, "parent_token", entry.parent_token);
  add_time(out, "parent_until", entry.parent_until);
  out.add("scope", entry.scope);
  out.add("session", entry.session);
  add_time(out, "logged_in", entry.logged_in);
  add_time(out, "renewed", entry.renewed);
  add_time(out, "spending_since", entry.spending_since);
  Object kept;
  for (const auto& [name, secret] : entry.kept) add_secret(kept, name, secret);
  out.add("kept", std::move(kept));
  std::string text = json::write(out);
  Secret secret(text);
  wipe(text.data(), text.size());
  return secret;
}

Result<Entry> read_entry(const Secret& text) {
  auto parsed = json::parse(text.reveal(), {.bytes = 1 << 20});
  const auto* object = parsed ? parsed->as_object() : nullptr;
  if (object == nullptr) return fail(Why::kStore, "the vault holds an entry that cannot be read");
  auto generation = json::int_field(*object, "generation");
  if (!generation) return fail(Why::kStore, "the vault holds an entry without a generation");
  Entry entry;
  entry.generation = *generation;
  entry.access_token = secret_of(*object, "access_token");
  entry.access_until = time_of(*object, "access_until");
  entry.refresh_token = secret_of(*object, "refresh_token");
  entry.refresh_until = time_of(*object, "refresh_until");
  entry.parent_token = secret_of(*object, "parent_token");
  entry.parent_until = time_of(*object, "parent_until");
  entry.scope = text_of(*object, "scope");
  entry.session = text_of(*object, "session");
  entry.logged_in = time_of(*object, "logged_in").value_or(Instant{});
  entry.renewed = time_of(*object, "renewed").value_or(Instant{});
  entry.spending_since = time_of(*object, "spending_since");
  const auto* kept = object->find("kept");
  if (kept != nullptr && kept->as_object() != nullptr) {
    for (const auto& member : *kept->as_object()) {
      if (const auto* secret = member.value.as_string()) entry.kept.emplace(member.name, *secret);
    }
  }
  return entry;
}

}  // namespace latchkey::broker
