#include "server/served_realm.h"

namespace latchkey::server {
namespace {

constexpr std::string_view kIssuer = "issuer";  // a setting of dialects that name themselves

// RFC 8414 section 3.1: the description of https://host/x is at
// https://host/.well-known/NAME/x.
constexpr std::string_view kInserted[] = {"/.well-known/oauth-authorization-server",
                                          "/.well-known/openid-configuration"};

Result<dialect::Settings> named(const RealmSpec& spec, const std::string& base_url) {
  const dialect::Settings& settings = spec.settings;
  if (!settings.has(kIssuer) || !settings.text(kIssuer).empty()) return settings;
  if (base_url.empty())
    return fail(Why::kUsage, "realm " + spec.name.text + ": the setting \"issuer\" is missing");
  return settings.with(kIssuer, base_url + spec.prefix);
}

}  // namespace

Result<std::unique_ptr<ServedRealm>> ServedRealm::make(RealmSpec spec, const EngineParts& parts,
                                                       Instant now) {
  spec.settings = TRY(named(spec, parts.base_url));
  engine::Policy policy = spec.dialect->policy(spec.settings);
  std::shared_ptr<engine::SigningKeys> signing;
  if (engine::signs(policy)) {
    signing =
        TRY(engine::SigningKeys::open(parts.store, parts.keys, spec.name, policy.jwt.alg, now));
  }
  std::unique_ptr<ServedRealm> realm(new ServedRealm(std::move(spec), parts, std::move(policy)));
  if (signing) realm->authority_->sign_with(std::move(signing));
  realm->authority_->guard_with(parts.guard);
  return realm;
}

ServedRealm::ServedRealm(RealmSpec spec, const EngineParts& parts, engine::Policy policy)
    : spec_(std::move(spec)),
      keyring_(parts.store, parts.keys, spec_.name),
      codec_(spec_.dialect->codec(spec_.settings, &keyring_)),
      authority_(std::make_unique<engine::LocalAuthority>(
          spec_.name, std::move(policy), parts.store, parts.keys, std::nullopt,
          spec_.dialect->messages(), parts.listener, parts.cost)) {
  const engine::Hash key = parts.keys.hash_of(Secret("forms and cookies of " + spec_.name.text));
  const auto route_of = [&](const dialect::Pages* pages) -> std::unique_ptr<PagesRoute> {
    if (pages == nullptr) return nullptr;
    return std::make_unique<PagesRoute>(
        *pages, *authority_, *codec_,
        PagesOptions{spec_.prefix, parts.secure_cookies, Secret(text_of(key))});
  };
  pages_ = route_of(spec_.dialect->pages());
  device_pages_ = route_of(spec_.dialect->device_pages(spec_.settings));
}

PagesRoute* ServedRealm::pages_at(std::string_view path) const {
  for (const auto& route : {std::cref(pages_), std::cref(device_pages_)}) {
    if (route.get() && route.get()->owns(path)) return route.get().get();
  }
  return nullptr;
}

std::optional<std::string_view> ServedRealm::path_within(std::string_view path) const {
  for (const std::string_view inserted : kInserted) {
    if (!spec_.prefix.empty() && path.starts_with(inserted) &&
        path.substr(inserted.size()) == spec_.prefix && codec_->owns(inserted))
      return inserted;
  }
  if (!path.starts_with(spec_.prefix)) return std::nullopt;
  path.remove_prefix(spec_.prefix.size());
  if (!path.starts_with('/')) return std::nullopt;
  if (codec_->owns(path) || (pages_ && pages_->owns(path))) return path;
  return std::nullopt;
}

Result<dialect::Published> ServedRealm::published(Instant now) const {
  dialect::Published published;
  const auto signers = TRY(authority_->published_keys(now));
  for (const engine::Signer& signer : signers) {
    auto jwk = signer.key.public_jwk(signer.kid);
    if (jwk) published.keys.push_back(*std::move(jwk));
  }
  return published;
}

// Asked without the keys first: to write them down costs as much as a signature, and hardly any
// request is for them.
Result<std::optional<http::Response>> ServedRealm::document(const http::Request& request,
                                                            Instant now) const {
  auto document = codec_->document(request, {});
  if (!document) return document;
  const auto keys = TRY(published(now));
  return codec_->document(request, keys);
}

}  // namespace latchkey::server
