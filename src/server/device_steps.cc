#include "base/text.h"
#include "engine/user_code.h"
#include "server/page_visit.h"

// The end of a device's walk (RFC 8628 section 3.3): the person types the code that the
// device shows, is told what it is for, and answers.

namespace latchkey::server {

http::Response PagesRoute::ask_code(const Visit& visit, std::string_view problem,
                                    int status) const {
  const std::string proof =
      guard_.issue(consent_path_, binding(visit, visit.session.reveal()), visit.now);
  return page(visit, device_screen(visit.voice, {{{prefix_ + consent_path_, {}}, proof}, problem}),
              status);
}

// Nothing is looked up here: a code is tried where it is shown.
http::Response PagesRoute::typed_code(const Visit& visit) const {
  const std::string* code = visit.field(kUserCodeField);
  if (code == nullptr || !is_utf8(*code) || code->size() > kLongestUserCode) {
    return ask_code(visit, visit.voice.common.device_unknown, 404);
  }
  return see_other({prefix_ + consent_path_, {{std::string(kUserCodeField), *code}}});
}

http::Response PagesRoute::no_device(const Visit& visit, const Error& error) const {
  const auto& common = visit.voice.common;
  if (error.why == Why::kNotFound) return ask_code(visit, common.device_unknown, 404);
  if (error.why != Why::kTooMany) return problem(visit, error);
  auto response = ask_code(visit, common.too_many, 429);
  response.headers.add("Retry-After", std::to_string(error.retry_after.count()));
  return response;
}

http::Response PagesRoute::show_device(const Visit& visit) const {
  const std::string* typed = http::find_param(visit.carried, kUserCodeField);
  if (typed == nullptr) return ask_code(visit, "", 200);
  const auto device = authority_.find_device(visit.session, *typed, visit.now);
  if (!device) return no_device(visit, device.error());
  auto scopes = split(device->scope, ' ');
  std::erase(scopes, "");
  const engine::Client& client = device->client;
  const std::string code = engine::read_user_code(*typed).value_or("");
  return page(visit,
              consent_screen(visit.voice, {form_for(visit, consent_path_, visit.session.reveal()),
                                           client.name.empty() ? client.id.text : client.name,
                                           engine::show_user_code(code), std::move(scopes)}));
}

http::Response PagesRoute::answer_device(const Visit& visit, bool approve) const {
  const std::string* typed = http::find_param(visit.carried, kUserCodeField);
  if (typed == nullptr) return stale(visit);
  const auto done = authority_.answer_device(visit.session, *typed, approve, visit.now);
  if (!done) return no_device(visit, done.error());
  const auto& common = visit.voice.common;
  return page(visit, approve ? problem_screen(visit.voice, common.device_done_title,
                                              common.device_done_text, "", {})
                             : problem_screen(visit.voice, common.device_declined_title,
                                              common.device_declined_text, "", {}));
}

}  // namespace latchkey::server
