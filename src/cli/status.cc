#include "base/table.h"
#include "broker/clocks.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/terminal.h"

namespace latchkey::cli {
namespace {

/// One profile as it stands now.
struct Row {
  const broker::Profile* profile;
  broker::Entry entry;
  broker::Clocks clocks;
  std::string trouble;  ///< why the entry cannot be read

  /// A damaged entry waits for somebody too, and cron should say so.
  std::optional<Instant> human_at(Instant now) const {
    if (!trouble.empty()) return now;
    return clocks.human ? std::optional(clocks.human->at) : std::nullopt;
  }
  std::string remedy() const {
    if (!trouble.empty()) return "latchkey logout --forget " + profile->name.text;
    return broker::remedy(*profile, clocks.human->duty);
  }
  std::string advice() const {
    const bool change = trouble.empty() && clocks.human->duty == broker::Duty::kRotateCredentials;
    return change ? remedy() : "run: " + remedy();
  }
};

std::string account_of(const Row& row) {
  for (const auto& question : row.profile->dialect->questions()) {
    if (question.secret) continue;
    const auto fact = row.profile->facts.find(question.name);
    if (fact != row.profile->facts.end()) return printable(fact->second, 40);
    const auto kept = row.entry.kept.find(question.name);
    if (kept != row.entry.kept.end()) return printable(kept->second.reveal(), 40);
  }
  return "-";
}

std::string access_of(const Row& row, Instant now) {
  if (!row.trouble.empty()) return row.trouble;
  if (row.entry.access_token.empty() && row.entry.logged_in != Instant{})
    return "dead, says the provider";
  if (row.entry.access_token.empty()) return "not logged in";
  return when(row.entry.access_until, now, "no stated end");
}

std::string human_of(const Row& row, Instant now) {
  const auto at = row.human_at(now);
  if (!at) return "none known";
  if (*at <= now) return "now: " + row.remedy();
  return when(at, now, {}) + ": " + std::string(broker::in_words(row.clocks.human->duty));
}

Result<std::vector<Row>> rows_of(Context& context, const std::string& only) {
  const auto* config = TRY(context.config());
  std::vector<Row> rows;
  auto opened = context.broker(false);
  if (!opened && opened.error().why != Why::kNotFound) return fail(std::move(opened).error());
  for (const auto& [name, profile] : config->profiles) {
    if (!only.empty() && name.text != only) continue;
    Row row{&profile, {}, {}, {}};
    if (opened) {
      auto* vault = TRY(context.vault(false));
      auto entry = vault->load(name);
      if (!entry) row.trouble = "damaged";
      else row.entry = entry->value_or(broker::Entry{});
    }
    row.clocks = broker::clocks_of(profile, row.entry, context.now());
    rows.push_back(std::move(row));
  }
  return rows;
}

json::Value described(const Row& row, Instant now) {
  const auto time = [](const std::optional<Instant>& at) {
    return at ? json::Value(to_rfc3339(*at)) : json::Value();
  };
  const bool in = !row.entry.access_token.empty();
  return json::Object{
      {"profile", row.profile->name.text},
      {"provider", row.profile->dialect->traits().name},
      {"account", account_of(row)},
      {"logged_in", in},
      {"alive", broker::alive(row.entry.access_token, row.entry.access_until, now)},
      {"access_until", time(row.entry.access_until)},
      {"refresh_until", time(row.entry.refresh_until)},
      {"next_human_action", time(row.human_at(now))},
      {"access", broker::described(row.clocks.access_until, now)},
      {"human", row.trouble.empty() ? broker::described(*row.profile, row.clocks.human, now)
                                    : json::Value()},
      {"damaged", !row.trouble.empty()}};
}

bool print_rows(Context& context, const std::vector<Row>& rows) {
  const Instant now = context.now();
  const auto vault = context.vault(false);
  if (context.common().json) {
    json::Array list;
    for (const auto& row : rows) list.push_back(described(row, now));
    json::Object out{{"profiles", std::move(list)}};
    out.add("vault", vault ? json::Value((*vault)->path()) : json::Value());
    out.add("protected_by", vault ? json::Value((*vault)->protected_by()) : json::Value());
    return print_json(out);
  }
  std::vector<std::vector<std::string>> cells = {
      {"PROFILE", "PROVIDER", "ACCOUNT", "ACCESS TOKEN UNTIL", "NEXT HUMAN ACTION"}};
  for (const auto& row : rows)
    cells.push_back({row.profile->name.text, std::string(row.profile->dialect->traits().name),
                     account_of(row), access_of(row, now), human_of(row, now)});
  return print(table(cells)) && print_line(vault ? "vault " + (*vault)->path() + ", protected by " +
                                                       (*vault)->protected_by()
                                                 : std::string("no vault yet"));
}

/// Names each profile that waits for a person until then, and what helps.
bool say_due(const std::vector<Row>& rows, Instant now, Instant until) {
  bool any = false;
  for (const auto& row : rows) {
    const auto at = row.human_at(now);
    if (!at || *at > until) continue;
    any = true;
    say(row.profile->name.text + ": " +
        (*at <= now ? std::string("a person is needed now")
                    : "a person is needed by " + when(at, now, {})) +
        "; " + row.advice());
  }
  return any;
}

}  // namespace

Run add_status(CLI::App& parser, const dialect::Registry&) {
  struct Options {
    std::string profile;
    std::string within;
  };
  auto options = std::make_shared<Options>();
  parser.add_option("PROFILE", options->profile, "only this one");
  parser
      .add_option("--within", options->within,
                  "exit with 3 if a person must act within this time, such as 48h")
      ->type_name("DURATION");
  return [options](Context& context) -> Result<int> {
    const auto within = parse_duration(options->within.empty() ? "0s" : options->within);
    if (!within) return fail(Why::kUsage, "--within takes a duration such as 48h");
    if (!options->profile.empty()) TRY(context.profile(options->profile));
    const auto rows = TRY(rows_of(context, options->profile));
    if (rows.empty()) {
      const std::string path = TRY(context.config_path());
      say("no profiles yet; write one into " + path + " (latchkey providers shows the keys)");
    }
    const bool wanted = !rows.empty() || context.common().json;
    if (wanted && !print_rows(context, rows)) return kTryLater;
    if (options->within.empty()) return kOk;
    const Instant now = context.now();
    return say_due(rows, now, expiry(now, Lifetime{*within})) ? kNeedsPerson : kOk;
  };
}

}  // namespace latchkey::cli
