// What holds for every input, tried on many made by chance.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

namespace latchkey {
namespace {

rc::Gen<std::string> utf8() {
  return rc::gen::map(rc::gen::container<std::string>(rc::gen::arbitrary<char>()),
                      [](const std::string& bytes) {
                        std::string text;
                        for (char c : bytes) {
                          const auto byte = static_cast<unsigned char>(c);
                          if (byte < 0x80) {
                            text += c;
                          } else {
                            text += static_cast<char>(0xC0 | byte >> 6);
                            text += static_cast<char>(0x80 | (byte & 0x3F));
                          }
                        }
                        return text;
                      });
}

json::Value leaf() {
  switch (*rc::gen::inRange(0, 5)) {
    case 0: return *rc::gen::arbitrary<bool>();
    case 1: return *rc::gen::arbitrary<std::int64_t>();
    case 2: return *rc::gen::suchThat<double>([](double d) { return std::isfinite(d); });
    case 3: return *utf8();
    default: return nullptr;
  }
}

json::Value any_value(int depth) {
  const int kind = depth == 0 ? 0 : *rc::gen::inRange(0, 3);
  const int count = *rc::gen::inRange(0, 5);
  if (kind == 1) {
    json::Array array;
    for (int i = 0; i < count; ++i) array.push_back(any_value(depth - 1));
    return array;
  }
  if (kind == 2) {
    json::Object object;
    for (int i = 0; i < count; ++i) object.add(std::to_string(i) + *utf8(), any_value(depth - 1));
    return object;
  }
  return leaf();
}

RC_GTEST_PROP(Property, HexComesBackAsItWasWritten, (const Bytes& bytes)) {
  RC_ASSERT(parse_hex(to_hex(bytes)) == bytes);
}

RC_GTEST_PROP(Property, Base64urlComesBackAsItWasWritten, (const Bytes& bytes)) {
  RC_ASSERT(parse_base64url(to_base64url(bytes)) == bytes);
}

RC_GTEST_PROP(Property, Base64ComesBackAsItWasWritten, (const Bytes& bytes)) {
  RC_ASSERT(parse_base64(to_base64(bytes)) == bytes);
}

// checklist 50
RC_GTEST_PROP(Property, WhatBase64urlAcceptsHasOneSpelling, ()) {
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("AQgwx_-=+ ")));
  const auto bytes = parse_base64url(text);
  if (bytes) RC_ASSERT(to_base64url(*bytes) == text);
}

RC_GTEST_PROP(Property, PrintableTextIsShortUtf8WithoutControls, (const std::string& text)) {
  const auto most = *rc::gen::inRange<std::size_t>(0, 64);
  const std::string shown = printable(text, most);
  RC_ASSERT(shown.size() <= most);
  RC_ASSERT(is_utf8(shown));
  RC_ASSERT(printable(shown, most) == shown);
  for (char c : shown) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20);
}

RC_GTEST_PROP(Property, InstantsComeBackAsTheyWereWritten, ()) {
  const Instant t = from_epoch(*rc::gen::inRange<long long>(-62167219200, 253402300800));
  RC_ASSERT(parse_rfc3339(to_rfc3339(t)) == t);
}

RC_GTEST_PROP(Property, JsonComesBackAsItWasWritten, ()) {
  const json::Value value = any_value(3);
  const json::Limits limits{.bytes = 1 << 22};
  RC_ASSERT(json::parse(json::write(value), limits).value() == value);
  RC_ASSERT(json::parse(json::write_pretty(value), limits).value() == value);
}

RC_GTEST_PROP(Property, WhatIsWrittenIsJsonWhateverAStringHolds, (const std::string& bytes)) {
  const std::string written = json::write(json::Object{{bytes, bytes}});
  RC_ASSERT(json::parse(written).has_value());
}

RC_GTEST_PROP(Property, NoTextBreaksTheJsonReader, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("{}[]:,\"\\u0019e+-.truefalsn \xc3\xa9\x01")));
  const auto value = json::parse(text);
  if (value) {
    RC_ASSERT(json::parse(json::write(*value)).value() == *value);
  } else {
    RC_ASSERT(value.error().why == Why::kMalformed);
  }
}

}  // namespace
}  // namespace latchkey
