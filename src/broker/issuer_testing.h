#pragma once

#include <set>

#include "base/json.h"
#include "broker/testing.h"
#include "crypto/jws.h"

namespace latchkey::broker::testing {

/// An issuer of standard tokens in this process, with its endpoints at two hosts, and
/// with ways that a test may choose. It knows one client, "me".
class ToyIssuer {
 public:
  ToyIssuer();

  World world(Variables variables);
  /// Of provider oauth2 at this issuer.
  Profile profile(const std::map<std::string, std::string>& settings) const;
  /// Somebody who logs in at once and agrees.
  std::function<Result<http::Target>(const http::Target&, const std::string&)> browser();

  Result<http::Response> serve(const std::string& origin, const http::Request& request);
  /// Of the next request to that path.
  void next(const std::string& path, Fault fault) { faults_[path].push_back(fault); }
  /// How many requests came to that path.
  int count(std::string_view path) const;

  HandClock clock;
  std::vector<std::string> seen;  ///< "GET https://id.example/keys"
  std::string secret = "s3cret";
  std::string client_keys;  ///< a JWK set: the client signs, and has no secret
  std::string name_in_description = "https://id.example";
  std::string kid = "k1";
  std::string proof_nonce;     ///< not empty: a DPoP proof must hold it
  bool content = true;         ///< false: whatever nonce a proof holds, it wants another one
  bool repeats_nonce = false;  ///< … and gives the same one again
  Seconds refusal_takes{0};    ///< for how long it thinks about a proof's nonce
  bool binds = true;           ///< tokens to the key of a proof
  std::string api_says;        ///< not empty: the "error" of every call's challenge
  bool only_oauth_address = false;
  bool takes_pushed = false;  ///< it offers that authorization requests are handed in before …
  bool only_pushed = false;   ///< … and takes no others
  bool rotates = true;
  bool answers_again = false;  ///< a spent refresh token gets its answer once more
  bool active = true;          ///< what introspection and userinfo say
  Seconds lifetime{3600};
  std::deque<std::string> device_answers;  ///< errors; "": approved
  std::function<void(http::Pairs&)> mends_callback;
  std::function<void(json::Object&)> mends_claims;
  int codes_proved = 0;
  int reused = 0;
  std::set<std::string> assertions;  ///< the "jti" of each that was taken
  std::vector<std::string> revoked;
  std::vector<engine::DpopProof> proofs;  ///< that were right
  std::vector<std::string> brought;       ///< the query of each address that a browser opened

 private:
  http::Response answer(const std::string& path, const http::Request& request);
  http::Response describe(const std::string& path) const;
  /// The answer to a request whose proof is not right; nullopt: go on.
  std::optional<http::Response> judge_proof(const std::string& where, const http::Request& request);
  http::Response api(const http::Request& request) const;
  http::Response push(const http::Pairs& form);
  http::Response token(const http::Pairs& form);
  http::Response refresh(const std::string& token);
  http::Response issue(bool with_refresh, const std::string& nonce, bool with_id_token);
  bool knows(const http::Request& request, const http::Pairs& form);
  bool is_signed(const http::Pairs& form);

  struct Login {
    std::string challenge;
    std::string nonce;
    std::string redirect_uri;
    std::string thumbprint;  ///< of the key that the code is for; "": any
  };
  const crypto::Key key_;
  int issued_ = 0;
  std::map<std::string, Login> codes_;
  std::map<std::string, http::Pairs> pushed_;
  std::string refresh_token_;
  std::string shown_;  ///< the thumbprint of the request's proof
  std::string bound_;  ///< of the newest tokens
  std::map<std::string, http::Response> spent_;
  std::map<std::string, std::deque<Fault>> faults_;
};

/// A broker that knows that issuer, and a person who logs in there.
struct Desk {
  explicit Desk(const std::map<std::string, std::string>& settings = {},
                const std::string& secret = "s3cret")
      : profile(issuer.profile(settings)),
        vault(Vault::open(chain_in(home), true).value()),
        broker(vault, issuer.world({{"SECRET", secret}})) {
    if (!secret.empty())
      profile.sources["client_secret"] = {SecretSource::Kind::kVariable, {"SECRET"}};
    person.browser = issuer.browser();
  }
  Result<Handed> log_in() { return broker.login(profile, {}, SecondFactor::kAsk, person); }
  Entry entry() { return vault.load(profile.name).value().value(); }
  bool has_entry() { return vault.load(profile.name).value().has_value(); }
  void let_it_die() { issuer.clock.advance(Seconds{3600}); }

  TempDir home;
  ToyIssuer issuer;
  Profile profile;
  Script person;
  Vault vault;
  Broker broker;
};

}  // namespace latchkey::broker::testing
