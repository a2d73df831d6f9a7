#include "server/served_realm.h"

namespace latchkey::server {

Result<std::unique_ptr<ServedRealm>> ServedRealm::make(RealmSpec spec, const EngineParts& parts,
                                                       Instant now) {
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
  if (const auto* pages = spec_.dialect->pages()) {
    const engine::Hash key = parts.keys.hash_of(Secret("forms and cookies of " + spec_.name.text));
    pages_ = std::make_unique<PagesRoute>(
        *pages, *authority_, *codec_,
        PagesOptions{spec_.prefix, parts.secure_cookies, Secret(text_of(key))});
  }
}

std::optional<std::string_view> ServedRealm::path_within(std::string_view path) const {
  if (!path.starts_with(spec_.prefix)) return std::nullopt;
  path.remove_prefix(spec_.prefix.size());
  if (!path.starts_with('/')) return std::nullopt;
  if (codec_->owns(path) || (pages_ && pages_->owns(path))) return path;
  return std::nullopt;
}

}  // namespace latchkey::server
