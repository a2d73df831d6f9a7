#include "broker/testing.h"

#include <algorithm>

namespace latchkey::broker::testing {
namespace {

constexpr std::string_view kMaster = "a master key for the tests of a broker";

/// One broker's way to the provider.
class Wire final : public http::Client {
 public:
  explicit Wire(Provider& provider) : provider_(provider) {}
  Result<http::Response> send(const http::Request& request) override {
    return provider_.serve(request);
  }
  Result<http::Response> send_when(const Ready& ready, const http::Request& request) override {
    return provider_.serve(request, ready);
  }

 private:
  Provider& provider_;
};

}  // namespace

Provider::Provider(const dialect::Dialect& dialect,
                   const std::map<std::string, std::string>& settings)
    : dialect_(dialect),
      settings_(dialect::Settings::make(dialect.settings(), settings).value()),
      realm_(dialect.traits().name),
      keys_(Secret(kMaster)),
      admin_(store_, keys_, crypto::kCheapest) {
  found_demo();
  codec_ = dialect.codec(settings_, &keyring_);
  const auto policy = dialect.policy(settings_);
  std::optional<engine::Signer> signer;
  if (policy.access_form == engine::TokenForm::kJwt)
    signer = engine::signer_of(store_, keys_, realm_, policy.jwt.alg, clock.now()).value();
  authority_ = std::make_unique<engine::LocalAuthority>(realm_, policy, store_, keys_, signer,
                                                        dialect.messages(), engine::Listener{},
                                                        crypto::kCheapest);
}

void Provider::found_demo() {
  const auto demo = dialect_.demo();
  for (auto made : demo.subjects) {
    made.subject.realm = realm_;
    ASSERT_TRUE(admin_.create_user(made.subject, made.password));
    for (const auto& [name, operators] : made.organizations) {
      const auto organization = admin_.add_organization(realm_, made.subject.login, name);
      ASSERT_TRUE(organization);
      for (const auto& one : operators)
        ASSERT_TRUE(admin_.add_operator(realm_, organization->id, one));
    }
  }
  for (auto made : demo.clients) {
    made.client.realm = realm_;
    if (!made.shared_key.empty()) keyring_.keys.emplace(made.client.partner, made.shared_key);
    ASSERT_TRUE(admin_.create_client({.client = made.client,
                                      .secret = made.secret,
                                      .is_public = made.secret.empty(),
                                      .totp_seed = made.totp_seed,
                                      .shared_key = made.shared_key}));
  }
}

Result<std::optional<Secret>> Provider::DemoKeyring::shared_key(std::string_view partner) const {
  const auto found = keys.find(partner);
  return found == keys.end() ? std::nullopt : std::optional(found->second);
}

World Provider::world(Variables variables) {
  World world;
  world.clock = &clock;
  world.connect = [this](const Profile&,
                         const std::string&) -> Result<std::unique_ptr<http::Client>> {
    return std::make_unique<Wire>(*this);
  };
  world.wait = [this](Seconds pause) {
    clock.advance(pause);
    if (on_wait) on_wait();
  };
  world.environment = environment(std::move(variables));
  world.uptime = [this] { return clock.uptime(); };
  return world;
}

Fault Provider::fault_of(const std::string& path) {
  const std::lock_guard lock(mutex_);
  auto& waiting = faults_[path];
  if (waiting.empty()) return always_;
  const Fault fault = waiting.front();
  waiting.pop_front();
  return fault;
}

void Provider::heal() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
  always_ = Fault::kNone;
}

bool Provider::has_faults() const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(faults_, [](const auto& one) { return !one.second.empty(); });
}

http::Response Provider::answer(const http::Request& arrived) {
  const std::string key = http::write_target(arrived.target) + "\n" + arrived.body;
  const auto before = given_.find(key);
  if (before != given_.end() && clock.uptime().seconds - before->second.at < replay_window)
    return before->second.response;
  const auto asked = codec_->decode_request(arrived);
  const auto outcome = asked ? authority_->perform(*asked, clock.now())
                             : Result<engine::Outcome>(fail(asked.error()));
  auto reply = codec_->encode_reply({arrived, asked ? &*asked : nullptr, clock.now()}, outcome);
  if (outcome && replay_window > Seconds{0})
    given_.insert_or_assign(key, Given{clock.uptime().seconds, reply});
  return reply;
}

Result<http::Response> Provider::serve(const http::Request& sent,
                                       const http::Client::Ready& ready) {
  const Fault fault = fault_of(sent.target.path);
  if (fault == Fault::kUnreachable) return fail(Why::kUnavailable, "no connection");
  if (ready) TRY(ready());
  {
    const std::lock_guard lock(mutex_);
    paths_.push_back(sent.target.path);
  }
  if (on_serve) on_serve();
  if (fault == Fault::kNotThere) return http::Response{503, {}, {}};
  if (fault == Fault::kComeBack) return http::Response{503, {{"Retry-After", "5"}}, {}};
  if (fault == Fault::kSlowDown) return http::Response{429, {{"Retry-After", "3600"}}, {}};
  http::Request arrived = sent;
  arrived.target = http::parse_target(http::write_target(sent.target)).value();
  auto reply = answer(arrived);
  if (on_answer) on_answer(arrived, reply);
  if (fault == Fault::kAnswerLost) return fail(Why::kNoAnswer, "no answer in time");
  if (fault == Fault::kBroken) return http::Response{500, {}, {}};
  if (fault == Fault::kNonsense)
    return http::Response{200, {{"Content-Type", "text/html"}}, "<html>"};
  return reply;
}

int Provider::served(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::ranges::count(paths_, path));
}

int Provider::served() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(paths_.size());
}

Result<Secret> Script::ask(const dialect::Question& question) {
  const auto found = answers.find(question.name);
  if (found == answers.end())
    return fail(Why::kPersonNeeded, "nobody says " + std::string(question.name));
  return Secret(found->second);
}

Result<Secret> Script::one_time_password(std::string_view) {
  if (codes.empty()) return fail(Why::kPersonNeeded, "nobody has a code");
  Secret code(codes.front());
  codes.pop_front();
  return code;
}

Result<http::Target> Script::browse(const std::string& url, const std::string& redirect_uri) {
  if (!browser) return fail(Why::kPersonNeeded, "nobody has a browser");
  const auto target = TRY(http::parse_target(url.substr(url.find('/', url.find("//") + 2))));
  return browser(target, redirect_uri);
}

Result<Secret> Script::paste(const std::string&, std::string_view) {
  if (pasted.empty()) return fail(Why::kPersonNeeded, "nobody pastes");
  return Secret(pasted);
}

Profile profile_of(const dialect::Dialect& dialect,
                   std::map<std::string, std::string, std::less<>> facts) {
  Profile profile;
  profile.name = ProfileName("desk");
  profile.dialect = &dialect;
  profile.settings = dialect::Settings::make(dialect.profile_settings()).value();
  profile.base_url = profile.api_url = "https://provider.example";
  profile.facts = std::move(facts);
  return profile;
}

}  // namespace latchkey::broker::testing
