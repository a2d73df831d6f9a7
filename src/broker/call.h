#pragma once

#include <map>

#include "broker/broker.h"
#include "broker/proof_nonce.h"
#include "broker/remote_authority.h"
#include "dialect/issuer.h"

namespace latchkey::broker {

/// The key that a profile shares with its provider, from its answers.
class ProfileKeyring final : public dialect::Keyring {
 public:
  explicit ProfileKeyring(const dialect::Answers& answers)
      : partner_(dialect::answer(answers, "partner_code")),
        key_(dialect::answer(answers, "aes_key")) {}
  Result<std::optional<Secret>> shared_key(std::string_view partner) const override {
    if (key_.empty() || partner != partner_) return std::nullopt;
    return key_;
  }

 private:
  std::string partner_;
  Secret key_;
};

/// Lets go of a lease at the end of a scope.
class LetGo {
 public:
  explicit LetGo(std::optional<Lease>& lease) : lease_(lease) {}
  ~LetGo() { lease_.reset(); }
  LetGo(const LetGo&) = delete;
  LetGo& operator=(const LetGo&) = delete;

 private:
  std::optional<Lease>& lease_;
};

/// One profile's wire, open for the length of one command.
struct Broker::Call {
  const Profile& profile;
  dialect::Answers answers;
  dialect::Traits facts;
  std::string description = {};  ///< of the provider, where it describes itself
  Secret proof_key = {};         ///< Entry::proof_key
  Nonces* nonces = nullptr;      ///< the broker's
  std::string account = {};      ///< budget.h: who is bound by a Retry-After
  std::unique_ptr<ProfileKeyring> keyring = nullptr;
  std::unique_ptr<dialect::Codec> codec = nullptr;
  std::unique_ptr<http::Client> client = nullptr;
  Seconds limit{0};                             ///< how long a call of `client` may take
  std::unique_ptr<http::Client> api = nullptr;  ///< null: the same host
  int status = 0;                               ///< of the last answer; 0: there was none
  /// A client for that base URL that keeps `limit`; and the ones that were made.
  std::function<Result<std::unique_ptr<http::Client>>(const std::string& url)> connect = {};
  std::map<std::string, std::unique_ptr<http::Client>> others = {};

  const dialect::Traits& traits() const { return facts; }
  /// What is refused for want of a nonce was not looked at: it goes out again at once with the
  /// one that came, if `again` lets it. kUnavailable when that one is not taken either.
  Result<engine::Outcome> perform(const engine::Operation& operation, Instant now,
                                  const http::Client::Ready& ready = {},
                                  const http::Client::Ready& again = {}) {
    for (int tries = 1;; ++tries) {
      const std::string before = nonce_for(operation);
      auto outcome = perform_once(operation, now, ready);
      const bool lacked = !outcome && outcome.error().why == Why::kOtpRequired;
      if (!lacked || proof_key.empty()) return outcome;
      if (tries == kMostProofs || nonce_for(operation) == before)
        return fail(Why::kUnavailable,
                    profile.name.text + ": the provider takes no nonce that it gave (DPoP)");
      if (again) TRY(again());
    }
  }
  Result<engine::Outcome> perform_once(const engine::Operation& operation, Instant now,
                                       const http::Client::Ready& ready) {
    status = 0;
    const std::string origin = codec->origin(operation);
    http::Client* to = TRY(client_at(origin));
    const engine::Operation sent = TRY(as_sent(operation, now));
    RemoteAuthority authority(*codec, *to, ready);
    auto outcome = authority.perform(sent, now);
    status = authority.status();
    if (!proof_key.empty() && !authority.nonce().empty()) (*nonces)[origin] = authority.nonce();
    return reached(std::move(outcome), origin);
  }
  /// With what is signed for this sending only.
  Result<engine::Operation> as_sent(const engine::Operation& operation, Instant now) const {
    const auto* issuer = profile.dialect->issuer();
    if (issuer == nullptr) return operation;
    const std::string nonce = nonce_for(operation);
    return issuer->sign(operation, {.settings = profile.settings,
                                    .answers = answers,
                                    .description = description,
                                    .proof_key = proof_key,
                                    .nonce = nonce,
                                    .at = now});
  }
  /// What a proof for that operation must hold, as far as we were told.
  std::string nonce_for(const engine::Operation& operation) const {
    const auto known = nonces->find(codec->origin(operation));
    return known == nonces->end() ? std::string() : known->second;
  }
  /// The provider's own for "".
  Result<http::Client*> client_at(const std::string& origin) {
    if (origin.empty()) return client.get();
    auto& other = others[origin];
    if (other == nullptr) other = TRY(connect(origin));
    return other.get();
  }
  /// Names the profile and the host where nobody answered.
  template <class T>
  Result<T> reached(Result<T> answer, const std::string& origin = {}) const {
    const bool silent = !answer && (answer.error().why == Why::kUnavailable ||
                                    answer.error().why == Why::kNoAnswer);
    if (silent)
      answer.error().say = profile.name.text + ": " + (origin.empty() ? profile.base_url : origin) +
                           ": " + answer.error().say;
    return answer;
  }
  http::Client& api_client() { return api ? *api : *client; }
};

/// The outcome of that kind; kBadResponse when the provider answered another.
template <class T>
Result<T> expect(Result<engine::Outcome> outcome) {
  if (!outcome) return fail(std::move(outcome).error());
  if (auto* wanted = std::get_if<T>(&*outcome)) return std::move(*wanted);
  return fail(Why::kBadResponse, "the provider answered something else than was asked");
}

}  // namespace latchkey::broker
