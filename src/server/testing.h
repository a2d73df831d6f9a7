#pragma once

#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "base/text.h"
#include "dialects/alor/alor.h"
#include "dialects/sinopac/sinopac.h"
#include "engine/admin.h"
#include "server/pages.h"
#include "store/memory/memory_store.h"

namespace latchkey::server {

inline constexpr Instant kNoon = from_epoch(1772366400);

/// A realm with its pages over a store in memory, and its demo accounts.
class PagesRealm {
 public:
  explicit PagesRealm(const dialect::Dialect& dialect, std::string prefix = "", bool secure = false,
                      const std::map<std::string, std::string>& given = {})
      : settings_(*dialect::Settings::make(dialect.settings(), given)),
        codec_(dialect.codec(settings_, nullptr)) {
    const Realm realm("test");
    const auto policy = dialect.policy(settings_);
    std::optional<engine::Signer> signer;
    if (policy.access_form == engine::TokenForm::kJwt)
      signer = *engine::signer_of(store, keys_, realm, policy.jwt.alg, kNoon);
    authority.emplace(realm, policy, store, keys_, signer, engine::Messages{}, engine::Listener{},
                      crypto::kCheapest);
    const PagesOptions options{std::move(prefix), secure,
                               Secret("a key for forms, 32 bytes of it!")};
    route.emplace(*dialect.pages(), *authority, *codec_, options);
    if (const auto* device = dialect.device_pages(settings_))
      device_route.emplace(*device, *authority, *codec_, options);
    for (auto demo = dialect.demo(); auto& client : demo.clients) {
      client.client.realm = realm;
      EXPECT_TRUE(admin.create_client(
          {.client = client.client, .secret = client.secret, .is_public = client.secret.empty()}));
    }
    for (auto demo = dialect.demo(); auto& subject : demo.subjects) {
      subject.subject.realm = realm;
      EXPECT_TRUE(admin.create_user(subject.subject, subject.password));
    }
  }

  http::Response answer(const http::Request& request, Instant now = kNoon) {
    const bool device = device_route && device_route->owns(request.target.path);
    return (device ? device_route : route)->serve(request, now);
  }
  const dialect::Codec& codec() const { return *codec_; }

  store::MemoryStore store;
  std::optional<engine::LocalAuthority> authority;
  std::optional<PagesRoute> route, device_route;

 private:
  engine::Keys keys_{Secret("a master key of thirty-two bytes")};
  dialect::Settings settings_;
  std::unique_ptr<dialect::Codec> codec_;

 public:
  engine::Admin admin{store, keys_, crypto::kCheapest};
};

/// What a person does: opens addresses, fills forms, keeps cookies.
class Browser {
 public:
  explicit Browser(PagesRealm& realm, std::string prefix = "")
      : realm_(realm), prefix_(std::move(prefix)) {}

  const http::Response& open(const std::string& address) {
    return send({.method = "GET", .target = target_of(address)});
  }

  /// Sends the page's form whose address ends in `action`, with `fields` on top.
  const http::Response& submit(const std::string& action, const http::Pairs& fields = {}) {
    http::Pairs form{{"form", proof(action)}};
    form.insert(form.end(), fields.begin(), fields.end());
    return post(address_of(action), form);
  }

  const http::Response& post(const std::string& address, const http::Pairs& form,
                             const http::Headers& more = {}) {
    http::Request request{.method = "POST",
                          .target = target_of(address),
                          .headers = more,
                          .body = http::write_form(form)};
    request.headers.add("Content-Type", "application/x-www-form-urlencoded");
    return send(std::move(request));
  }

  const http::Response& follow() {
    EXPECT_EQ(last.status, 303) << last.body;
    return open(last.headers.find("Location") ? *last.headers.find("Location") : "/");
  }

  /// The action of the page's form for that path; "" when there is none.
  std::string address_of(const std::string& action) const {
    std::smatch found;
    const std::regex form("action=\"([^\"?]*" + action + ")(\\?[^\"]*)?\"");
    if (!std::regex_search(last.body, found, form)) return "";
    return std::regex_replace(found[1].str() + found[2].str(), std::regex("&amp;"), "&");
  }
  std::string proof(const std::string& action) const {
    std::smatch found;
    const std::regex form(
        "action=\"[^\"?]*" + action +
        "(\\?[^\"]*)?\"><input type=\"hidden\" name=\"form\" value=\"([0-9a-f]+)\"");
    return std::regex_search(last.body, found, form) ? found[2].str() : "";
  }
  bool shows(std::string_view words) const { return last.body.find(words) != std::string::npos; }

  http::Response last;
  std::map<std::string, std::string> cookies;
  std::string language;
  Instant now = kNoon;

 private:
  http::Target target_of(const std::string& address) const {
    EXPECT_TRUE(address.starts_with(prefix_)) << address;
    const auto target =
        http::parse_target(address.substr(std::min(prefix_.size(), address.size())));
    EXPECT_TRUE(target) << address;
    return target ? *target : http::Target{};
  }

  const http::Response& send(http::Request request) {
    std::string jar;
    for (const auto& [name, value] : cookies) jar += (jar.empty() ? "" : "; ") + name + "=" + value;
    if (!jar.empty()) request.headers.add("Cookie", jar);
    if (!language.empty()) request.headers.add("Accept-Language", language);
    last = realm_.answer(request, now);
    for (const auto& [name, value] : last.headers) {
      if (name != "Set-Cookie") continue;
      const auto sign = value.find('=');
      const std::string cookie = value.substr(sign + 1, value.find(';') - sign - 1);
      if (cookie.empty()) cookies.erase(value.substr(0, sign));
      else cookies[value.substr(0, sign)] = cookie;
    }
    return last;
  }

  PagesRealm& realm_;
  std::string prefix_;
};

inline const std::string kSinopacLogin =
    "/oauth2/login?response_type=code&client_id=latchkey-demo"
    "&redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2Fcb&state=abcd1234";
inline const http::Pairs kSinopacUser{{"login", "DEMOUSER01"}, {"password", "demo-password"}};
inline const http::Pairs kAlorUser{{"login", "P039004"}, {"password", "demo-password"}};

/// A person at Sinopac's pages.
struct SinopacWalk {
  PagesRealm realm{dialects::sinopac::dialect()};
  Browser browser{realm};

  void to_consent() {
    browser.open(kSinopacLogin);
    browser.submit("/login", kSinopacUser);
    browser.follow();
  }
};

}  // namespace latchkey::server
