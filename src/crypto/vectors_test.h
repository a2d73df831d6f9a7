#pragma once

// For the tests of this folder: vectors from files, and ways to spoil what is valid.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json.h"
#include "base/text.h"

namespace latchkey::crypto {

inline const std::string kVectors = LATCHKEY_SOURCE_DIR "/vectors/";
// Vectors that others publish; the product's folder does not hold them.
inline const std::string kWycheproof = LATCHKEY_SOURCE_DIR "/../shared/vectors/wycheproof/";

inline bool is_there(const std::string& path) { return std::ifstream(path).good(); }

inline json::Object read_vectors(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  const auto value = json::parse(text.str(), {.bytes = 1 << 20, .depth = 16});
  if (!value || value->as_object() == nullptr) {
    ADD_FAILURE() << path << " cannot be read";
    return {};
  }
  return *value->as_object();
}

inline const json::Object& object_in(const json::Value& value) { return *value.as_object(); }
inline const json::Object& object_in(const json::Object& object, std::string_view name) {
  return *object.find(name)->as_object();
}
inline const json::Array& array_in(const json::Object& object, std::string_view name) {
  return *object.find(name)->as_array();
}
inline const std::string& text_in(const json::Object& object, std::string_view name) {
  return *object.find(name)->as_string();
}
inline std::int64_t number_in(const json::Object& object, std::string_view name) {
  return *object.find(name)->as_int();
}
inline Bytes hex_in(const json::Object& object, std::string_view name) {
  return parse_hex(text_in(object, name)).value();
}

inline Bytes with_bit_flipped(Bytes bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ (1u << (bit % 8)));
  return bytes;
}

inline Bytes copy_of(std::string_view text) {
  const ByteView view = bytes_of(text);
  return Bytes(view.begin(), view.end());
}

}  // namespace latchkey::crypto
