#include "server/html.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/digest.h"

namespace latchkey::server::html {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// How many bytes the character at the front of `text` has; 0 if it is none.
std::size_t character_at(std::string_view text) {
  for (std::size_t size = 1; size <= 4 && size <= text.size(); ++size)
    if (is_utf8(text.substr(0, size))) return size;
  return 0;
}

void append_escaped(std::string& out, std::string_view character) {
  const auto byte = static_cast<unsigned char>(character.front());
  if (character == "&") out += "&amp;";
  else if (character == "<") out += "&lt;";
  else if (character == ">") out += "&gt;";
  else if (character == "\"") out += "&quot;";
  else if (character == "'") out += "&#39;";
  else if ((byte < 0x20 && character != "\n" && character != "\t") || byte == 0x7f)
    out += kReplacement;
  else out += character;
}

std::string write(std::string_view tag, const std::vector<Attribute>& attributes) {
  std::string out = "<" + std::string(tag);
  for (const auto& attribute : attributes) {
    out += " " + attribute.name();
    if (!attribute.value().empty()) out += "=\"" + escape(attribute.value()) + "\"";
  }
  return out + ">";
}

/// "//x" would be another host.
std::string address(const http::Target& target) {
  const bool ours = target.path.starts_with('/') && !target.path.starts_with("//");
  return ours ? http::write_target(target) : "/";
}

bool is_colour(std::string_view text) {
  return text.size() == 7 && text.front() == '#' && parse_hex(text.substr(1)).has_value();
}

}  // namespace

StyleSheet::StyleSheet(Literal rules, const std::vector<Colour>& colours) {
  text_ = ":root{";
  for (const auto& [name, colour] : colours)
    if (is_colour(colour)) text_ += std::string(name.text()) + ":" + std::string(colour) + ";";
  text_ += "}" + std::string(rules.text());
  source_ = "'sha256-" + to_base64(crypto::sha256(bytes_of(text_))) + "'";
}

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = character_at(text);
    if (size == 0) out += kReplacement;
    else append_escaped(out, text.substr(0, size));
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

Attribute href(const http::Target& target) {
  return {Attribute::Checked{}, "href", address(target)};
}

Attribute action(const http::Target& target) {
  return {Attribute::Checked{}, "action", address(target)};
}

Html text(std::string_view text) { return Html(escape(text)); }

Html literal(Literal markup) { return Html(std::string(markup.text())); }

Html element(Tag tag, const std::vector<Attribute>& attributes, const Html& inside) {
  return Html(write(tag.text(), attributes) + inside.text() + "</" + std::string(tag.text()) + ">");
}

Html empty_element(Tag tag, const std::vector<Attribute>& attributes) {
  return Html(write(tag.text(), attributes));
}

Html document(std::string_view language, std::string_view title, const StyleSheet& style,
              const Html& body) {
  // The icon is empty so that no browser asks for /favicon.ico.
  return Html("<!doctype html><html lang=\"" + escape(language) +
              "\"><head><meta charset=\"utf-8\">"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
              "<link rel=\"icon\" href=\"data:,\"><title>" +
              escape(title) + "</title><style>" + style.text() + "</style></head><body>" +
              body.text() + "</body></html>");
}

std::string mask(std::string_view login) {
  std::vector<std::string_view> characters;
  for (std::string_view rest = login; !rest.empty();) {
    const std::size_t size = std::max<std::size_t>(1, character_at(rest));
    characters.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  const std::size_t shown = characters.size() >= 9 ? 3 : characters.size() >= 5 ? 1 : 0;
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) out += characters[i];
  out += "****";
  for (std::size_t i = characters.size() - shown; i < characters.size(); ++i) out += characters[i];
  return out;
}

}  // namespace latchkey::server::html
