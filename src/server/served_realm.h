#pragma once

#include <memory>

#include "dialect/dialect.h"
#include "server/pages.h"
#include "server/store_keyring.h"

namespace latchkey::server {

/// One realm as configured. Settings are checked already.
struct RealmSpec {
  Realm name = {};
  const dialect::Dialect* dialect = nullptr;
  dialect::Settings settings;
  std::string prefix = {};  ///< "" or "/x": stands before every path of the dialect
};

/// What every realm of an authority shares.
struct EngineParts {
  engine::Store& store;
  const engine::Keys& keys;
  engine::Listener listener = {};
  crypto::PasswordCost cost = {};
  bool secure_cookies = false;  ///< browsers come over TLS, here or at a proxy
  /// Where clients reach us, "https://host:port"; empty: nobody knows. A realm that must
  /// name itself and has no setting for it is called so, with its prefix.
  std::string base_url = {};
  std::shared_ptr<engine::Guard> guard = {};  ///< none: strangers' guesses are not counted
};

/// A dialect's codec in front of an engine. Thread-safe after construction.
class ServedRealm {
 public:
  /// kStore when the master key is not the one that the realm's keys are sealed
  /// with; what the store says when it cannot be read; kUsage for a realm that must name
  /// itself and does not know where it is.
  static Result<std::unique_ptr<ServedRealm>> make(RealmSpec spec, const EngineParts& parts,
                                                   Instant now);

  /// The path without the prefix, if it is one of this realm's; else nullopt.
  std::optional<std::string_view> path_within(std::string_view path) const;

  const RealmSpec& spec() const { return spec_; }
  const Realm& name() const { return spec_.name; }
  const dialect::Codec& codec() const { return *codec_; }
  engine::LocalAuthority& authority() const { return *authority_; }
  /// What the realm publishes (dialect::Codec::document); nullopt for any other request.
  /// kUnavailable when it needs a first signing key that could not be stored.
  Result<std::optional<http::Response>> document(const http::Request& request, Instant now) const;
  /// The browser's side, if the dialect has one. It sees paths without the prefix.
  PagesRoute* pages() const { return pages_.get(); }
  /// Those of its pages that own the path; nullptr: no page does.
  PagesRoute* pages_at(std::string_view path) const;

 private:
  Result<dialect::Published> published(Instant now) const;
  ServedRealm(RealmSpec spec, const EngineParts& parts, engine::Policy policy);

  const RealmSpec spec_;
  StoreKeyring keyring_;
  std::unique_ptr<dialect::Codec> codec_;
  std::unique_ptr<engine::LocalAuthority> authority_;
  std::unique_ptr<PagesRoute> pages_, device_pages_;
};

}  // namespace latchkey::server
