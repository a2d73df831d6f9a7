// What holds for every input, tried on many made by chance.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.h"
#include "http/message.h"

namespace latchkey::http {
namespace {

// Text without NUL: the characters that targets and forms treat specially, and others.
rc::Gen<std::string> word() {
  return rc::gen::map(
      rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
          "a", "Z", "0",  "-", ".",  "_", "~",  "%",  "+",  "&",    "=", ";",  "?",
          "#", " ", "\"", "<", "\\", "/", "\r", "\n", "\t", "\x7f", "é", "登", "🔑"})),
      [](const std::vector<std::string>& letters) {
        std::string text;
        for (const auto& letter : letters) text += letter;
        return text;
      });
}

Pairs any_pairs() {
  Pairs pairs;
  const int count = *rc::gen::inRange(0, 8);
  for (int i = 0; i < count; ++i) {
    auto name = *word();
    auto value = *word();
    pairs.emplace_back(std::move(name), std::move(value));
  }
  return pairs;
}

RC_GTEST_PROP(Property, FormsComeBackAsTheyWereWritten, ()) {
  const Pairs pairs = any_pairs();
  const std::string body = write_form(pairs);
  RC_ASSERT(parse_form(body).value() == pairs);
}

RC_GTEST_PROP(Property, TargetsComeBackAsTheyWereWritten, ()) {
  Target target{.path = "", .query = any_pairs()};
  const int segments = *rc::gen::inRange(1, 4);
  for (int i = 0; i < segments; ++i) {
    const auto segment = *rc::gen::map(word(), [](std::string text) {
      std::erase_if(text, [](char c) {
        return c == '/' || c == '\\' || c == '\r' || c == '\n' || c == '\t' || c == '\x7f';
      });
      return "s" + text;  // neither a dot segment nor empty
    });
    target.path += "/" + segment;
  }
  const std::string text = write_target(target);
  for (char c : text) RC_ASSERT(c > 0x20 && c < 0x7F);
  RC_ASSERT(parse_target(text).value() == target);
}

// Whatever the reader accepts, it reads the same when it comes back from our writer:
// there is no second spelling that another program could read differently.
RC_GTEST_PROP(Property, WhatTheTargetReaderAcceptsIsStable, ()) {
  const auto text = "/" + *rc::gen::container<std::string>(
                              rc::gen::elementOf(std::string("ab./%2e2F5C0d?&=+#\\ \xc3\xa9")));
  const auto target = parse_target(text);
  if (!target) {
    RC_ASSERT(target.error().why == Why::kMalformed);
    return;
  }
  RC_ASSERT(parse_target(write_target(*target)).value() == *target);
  RC_ASSERT(target->path.find('\0') == std::string::npos);
  RC_ASSERT(("/" + target->path + "/").find("/../") == std::string::npos);
}

// checklist 30, 68
RC_GTEST_PROP(Property, ALoggedTargetHoldsNoValue, ()) {
  const std::string secret = "S3CRET" + to_hex(bytes_of(*word()));
  const Target target{.path = "/refresh", .query = {{"token", secret}, {"x", secret}}};
  RC_ASSERT(loggable_target(target).find("S3CRET") == std::string::npos);
}

// checklist 65
RC_GTEST_PROP(Property, AHeaderValueIsOneLine, (const std::string& value)) {
  Headers headers;
  headers.set("X", value);
  RC_ASSERT(headers.find("X")->find_first_of(std::string("\r\n\0", 3)) == std::string::npos);
  RC_ASSERT(headers.find("X")->size() == value.size());
}

}  // namespace
}  // namespace latchkey::http
