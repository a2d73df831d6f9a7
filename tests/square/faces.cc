#include <iterator>

#include "square/face.h"

namespace latchkey::square {

Face fastconnect();
Face chathub();
Face alor();
Face sinopac();
Face tconnect();
Face oauth2();

const std::vector<Face>& faces() {
  static const std::vector<Face> all = [] {
    std::vector<Face> made;
    made.push_back(fastconnect());
    made.push_back(chathub());
    made.push_back(alor());
    made.push_back(sinopac());
    made.push_back(tconnect());
    made.push_back(oauth2());
    return made;
  }();
  return all;
}

DemoKeyring::DemoKeyring(const dialect::Demo& demo) {
  for (const auto& client : demo.clients) {
    if (!client.shared_key.empty()) keys_.emplace(client.client.partner, client.shared_key);
  }
}

Result<std::optional<Secret>> DemoKeyring::shared_key(std::string_view partner) const {
  const auto found = keys_.find(partner);
  if (found == keys_.end()) return std::nullopt;
  return found->second;
}

dialect::Settings settings_of(const Face& face) {
  return dialect::Settings::make(face.dialect.settings(), face.settings).value();
}

FaceCodec::FaceCodec(const Face& face)
    : keyring_(face.dialect.demo()), codec_(face.dialect.codec(settings_of(face), &keyring_)) {}

namespace {

struct SecretsOf {
  using List = std::vector<Secret>;
  List operator()(const engine::RequestOtp& it) const { return {it.client.secret}; }
  List operator()(const engine::Login& it) const {
    return {it.client.secret, it.user.password, it.otp};
  }
  List operator()(const engine::Authorize&) const { return {}; }
  List operator()(const engine::Exchange& it) const {
    return {it.client.secret, it.code, it.verifier};
  }
  List operator()(const engine::Delegate& it) const { return {it.bearer}; }
  List operator()(const engine::Refresh& it) const { return {it.client.secret, it.refresh_token}; }
  List operator()(const engine::Validate& it) const { return {it.bearer, it.token}; }
  List operator()(const engine::Revoke& it) const { return {it.client.secret, it.token}; }
  List operator()(const engine::ClientCredentials& it) const { return {it.client.secret}; }
  List operator()(const engine::Introspect& it) const { return {it.client.secret, it.token}; }
  List operator()(const engine::AuthorizeDevice& it) const { return {it.client.secret}; }
  List operator()(const engine::PollDevice& it) const { return {it.client.secret, it.device_code}; }
  List operator()(const engine::ExchangeToken& it) const {
    return {it.client.secret, it.subject_token, it.actor_token};
  }
  List operator()(const engine::PushAuthorization& it) const { return {it.client.secret}; }
  List operator()(const auto& it) const { return {it.bearer}; }
};

}  // namespace

std::vector<Secret> secrets_of(const engine::Operation& operation) {
  auto all = std::visit(SecretsOf{}, operation);
  std::erase_if(all, [](const Secret& secret) { return secret.empty(); });
  return all;
}

http::Request over_the_wire(const http::Request& request) {
  http::Request arrived = request;
  arrived.target = http::parse_target(http::write_target(request.target)).value();
  return arrived;
}

std::string Place::name() const {
  return std::string(its_face().dialect.traits().name) + "_" + its_sample().title;
}

std::vector<Place> every_place() {
  std::vector<Place> places;
  for (std::size_t face = 0; face < faces().size(); ++face) {
    for (std::size_t sample = 0; sample < faces()[face].samples.size(); ++sample) {
      places.push_back({face, sample});
    }
  }
  return places;
}

}  // namespace latchkey::square
