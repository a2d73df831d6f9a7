#include "square/world.h"

#include <gtest/gtest.h>

namespace latchkey::square {
namespace {

constexpr std::string_view kMaster = "a master key of the square's own";  // 32 bytes

std::string when(const std::optional<Instant>& until) {
  return until ? to_rfc3339(*until) : std::string("no end");
}

/// What a step's outcome looks like without its random parts.
struct Describe {
  std::string operator()(const engine::OtpSent& it) const {
    return it.transaction_id.empty() ? "sent" : "a push";
  }
  std::string operator()(const engine::TokenSet& it) const {
    return "access until " + when(it.access_until) + ", " +
           (it.refresh_token.empty() ? "no refresh" : "refresh until " + when(it.refresh_until)) +
           ", scope \"" + it.scope + "\"" + (it.session.empty() ? "" : ", a session");
  }
  std::string operator()(const engine::Authorized& it) const { return "a code, state " + it.state; }
  std::string operator()(const engine::Validation& it) const {
    if (!it.valid) return std::string("invalid: ") + name_of(it.why_not);
    return "valid: operator " + std::to_string(it.operator_id) + " of " +
           std::to_string(it.client_number) + " until " + when(it.until);
  }
  std::string operator()(const engine::Used& it) const {
    std::string text = "used by " + it.who.subject.text;
    for (const auto& note : it.notes) text += "; " + std::to_string(note.number) + " " + note.text;
    return text;
  }
  std::string operator()(const engine::Organizations& it) const {
    std::string text = "organizations";
    for (const auto& one : it.list) text += " " + std::to_string(one.id) + "=" + one.name;
    return text;
  }
  std::string operator()(const engine::Operators& it) const {
    std::string text = "operators";
    for (const auto& one : it.list) {
      text += " " + std::to_string(one.id) + "=" + one.name + "/" +
              std::to_string(static_cast<int>(one.status)) + "@" + one.organization.name;
    }
    return text;
  }
  std::string operator()(const engine::Introspection& it) const {
    if (!it.active) return "not active";
    return "active " + it.kind + " of " + it.client.text + " for " + it.subject.text + ": " +
           it.scope;
  }
  std::string operator()(const engine::DeviceStarted&) const { return "a device code"; }
  std::string operator()(const engine::Pushed&) const { return "a request_uri"; }
  std::string operator()(const engine::Registered& it) const {
    return "registered as " + it.facts.name;
  }
  std::string operator()(const engine::Done&) const { return "done"; }
};

}  // namespace

World::World(const Face& face, Way way)
    : face_(face),
      way_(way),
      realm_(face.dialect.traits().name),
      codec_(face),
      keys_(Secret(kMaster)),
      admin_(store_, keys_, crypto::kCheapest) {
  found_demo();
  const auto policy = face.dialect.policy(settings_of(face));
  std::optional<engine::Signer> signer;
  if (policy.access_form == engine::TokenForm::kJwt) {
    signer = engine::signer_of(store_, keys_, realm_, policy.jwt.alg, now_).value();
  }
  authority_ = std::make_unique<engine::LocalAuthority>(realm_, policy, store_, keys_, signer,
                                                        face.dialect.messages(), engine::Listener{},
                                                        crypto::kCheapest);
}

void World::found_demo() {
  const auto demo = face_.dialect.demo();
  for (auto made : demo.subjects) {
    made.subject.realm = realm_;
    ASSERT_TRUE(admin_.create_user(made.subject, made.password));
    for (const auto& [name, operators] : made.organizations) {
      const auto organization = admin_.add_organization(realm_, made.subject.login, name);
      ASSERT_TRUE(organization);
      for (const auto& one : operators) {
        ASSERT_TRUE(admin_.add_operator(realm_, organization->id, one));
      }
    }
  }
  for (auto made : demo.clients) {
    made.client.realm = realm_;
    ASSERT_TRUE(admin_.create_client({.client = made.client,
                                      .secret = made.secret,
                                      .is_public = made.secret.empty(),
                                      .totp_seed = made.totp_seed,
                                      .shared_key = made.shared_key}));
  }
}

Result<engine::Outcome> World::over_the_square(const engine::Operation& operation) {
  const auto sent = TRY(codec_->encode_request(operation));
  const http::Request arrived = over_the_wire(sent);
  const auto read = codec_->decode_request(arrived);
  const auto outcome =
      read ? authority_->perform(*read, now_) : Result<engine::Outcome>(fail(read.error()));
  const auto response = codec_->encode_reply({arrived, read ? &*read : nullptr, now_}, outcome);
  return codec_->decode_reply({operation, now_}, response);
}

Result<engine::Outcome> World::perform(const engine::Operation& operation) {
  auto outcome =
      way_ == Way::kWire ? over_the_square(operation) : authority_->perform(operation, now_);
  std::string line = std::string(engine::name_of(operation)) + ": ";
  if (outcome) {
    line +=
        std::visit(Describe{}, way_ == Way::kWire ? *outcome : face_.carried(operation, *outcome));
  } else {
    const Why why = outcome.error().why;
    line += std::string("refused, ") +
            name_of(way_ == Way::kWire ? why : face_.heard_as(why, operation));
  }
  diary_.push_back(std::move(line));
  return outcome;
}

engine::TokenSet World::tokens(const engine::Operation& operation) {
  const auto outcome = perform(operation);
  if (!outcome) {
    ADD_FAILURE() << diary_.back() << ": " << outcome.error().say << outcome.error().note;
    return {};
  }
  const auto* tokens = std::get_if<engine::TokenSet>(&*outcome);
  if (tokens == nullptr) ADD_FAILURE() << diary_.back();
  return tokens == nullptr ? engine::TokenSet{} : *tokens;
}

void World::refused(const engine::Operation& operation, Why why) {
  const auto outcome = perform(operation);
  const std::string expected = name_of(face_.heard_as(why, operation));
  EXPECT_TRUE(diary_.back().ends_with("refused, " + expected))
      << diary_.back() << ", and not " << expected
      << (outcome ? std::string() : ": " + outcome.error().say + outcome.error().note);
  if (way_ == Way::kDirect && !outcome) EXPECT_STREQ(name_of(outcome.error().why), name_of(why));
}

}  // namespace latchkey::square
