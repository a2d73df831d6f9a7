#include "server/openapi.h"

#include <map>
#include <mutex>

namespace latchkey::server {
namespace {

using json::Array;
using json::Object;
using json::Value;
using Public = MonitorOptions::Public;

/// Of a document that we wrote ourselves.
constexpr json::Limits kOurs{.bytes = 1 << 20, .depth = 64};

/// `to` with every member of `from` that it does not have.
void add_missing(Object& to, const Object& from) {
  for (const auto& [name, value] : from)
    if (to.find(name) == nullptr) to.add(name, value);
}

/// The operations of a path, each with the realm as its tag.
Object tagged(const Object& operations, const std::string& realm) {
  Object out;
  for (const auto& [method, operation] : operations) {
    if (operation.as_object() == nullptr) {  // "$ref" or "summary"
      out.add(method, operation);
      continue;
    }
    Object one{{"tags", Array{realm}}};
    add_missing(one, *operation.as_object());
    out.add(method, std::move(one));
  }
  return out;
}

Object get_text(const char* summary, const char* type) {
  const Object content{{type, Object()}};
  const Object good{{"description", summary}, {"content", content}};
  const Object other{{"description", "The same, in trouble; 405 for any method but GET and HEAD"}};
  return {{"get",
           Object{{"summary", summary}, {"responses", Object{{"200", good}, {"default", other}}}}}};
}

/// What the public listener serves that is no realm's.
Object own_paths(Public monitor, bool at_root) {
  Object paths{{"/openapi.json", get_text("This text", "application/json")}};
  if (!at_root || monitor == Public::kNone) return paths;
  paths.add("/livez", get_text("Whether the process answers", "text/plain"));
  paths.add("/readyz", get_text("Whether it can write to its store", "text/plain"));
  if (monitor == Public::kAll)
    paths.add("/metrics", get_text("Prometheus' text format", "text/plain"));
  return paths;
}

/// One document of all that is below one prefix.
class Merged {
 public:
  void add(const ServedRealm& realm) {
    const auto document = json::parse(realm.spec().dialect->openapi(), kOurs);
    const Object* object = document ? document->as_object() : nullptr;
    if (object == nullptr) return;
    const auto part = [&](const char* name) -> const Object* {
      const Value* value = object->find(name);
      return value == nullptr ? nullptr : value->as_object();
    };
    if (const Object* paths = part("paths"))
      for (const auto& [path, operations] : *paths)
        if (paths_.find(path) == nullptr && operations.as_object() != nullptr)
          paths_.add(path, tagged(*operations.as_object(), realm.name().text));
    if (const Object* components = part("components"))
      for (const auto& [kind, all] : *components)
        if (all.as_object() != nullptr) add_missing(components_[kind], *all.as_object());
    tags_.emplace_back(
        Object{{"name", realm.name().text}, {"description", realm.spec().dialect->traits().title}});
  }

  std::string text(const std::string& prefix, Public monitor, const std::string& version) {
    Object components;
    for (auto& [kind, all] : components_) components.add(kind, std::move(all));
    add_missing(paths_, own_paths(monitor, prefix.empty()));
    return json::write(Object{{"openapi", "3.1.0"},
                              {"info", Object{{"title", "latchkeyd"}, {"version", version}}},
                              {"servers", Array{Object{{"url", prefix.empty() ? "/" : prefix}}}},
                              {"tags", std::move(tags_)},
                              {"paths", std::move(paths_)},
                              {"components", std::move(components)}});
  }

 private:
  Object paths_;
  std::map<std::string, Object> components_;
  Array tags_;
};

/// Made when somebody asks for it first.
struct Document {
  std::once_flag once;
  std::string text;
};

}  // namespace

std::vector<Extra> openapi_extras(const std::vector<std::unique_ptr<ServedRealm>>& realms,
                                  Public monitor, const std::string& version) {
  std::map<std::string, std::vector<const ServedRealm*>> below;
  for (const auto& realm : realms) below[realm->spec().prefix].push_back(realm.get());
  std::vector<Extra> extras;
  for (const auto& [prefix, here] : below) {
    const auto answer = [prefix, here, monitor, version, made = std::make_shared<Document>()](
                            const http::Request& request, Instant) {
      if (request.method != "GET") {
        http::Response refused{.status = 405};
        refused.headers.add("Allow", "GET, HEAD");
        return refused;
      }
      std::call_once(made->once, [&] {
        Merged merged;
        for (const auto* realm : here) merged.add(*realm);
        made->text = merged.text(prefix, monitor, version);
      });
      return http::json_response(200, made->text);
    };
    extras.push_back({prefix + "/openapi.json", answer, true});
  }
  return extras;
}

}  // namespace latchkey::server
