#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace latchkey::server::html {

/// `text` for a place between tags or inside a quoted attribute: & < > " ' are
/// replaced; control characters and invalid UTF-8 become U+FFFD.
std::string escape(std::string_view text);

/// What only a string literal can be. Markup is written by us or not at all.
class Literal {
 public:
  consteval Literal(const char* text) : text_(text) {}
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// The name of an element. There is no script, and nothing that embeds.
class Tag {
 public:
  consteval Tag(const char* text) : text_(text) {
    for (const std::string_view bad : {"script", "style", "iframe", "object", "embed", "base"})
      if (text_ == bad) throw "not on these pages";
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// The name of an attribute whose value is text. Handlers, styles and addresses
/// do not compile: escaping would not make their values safe.
class Name {
 public:
  consteval Name(const char* text) : text_(text) {
    if (text_.starts_with("on")) throw "handlers are script";
    for (const std::string_view bad :
         {"style", "href", "src", "action", "formaction", "srcdoc", "srcset", "ping", "content"})
      if (text_ == bad) throw "takes more than text";
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

class Attribute {
 public:
  Attribute(Name name, std::string_view value) : name_(name.text()), value_(value) {}
  const std::string& name() const { return name_; }
  const std::string& value() const { return value_; }

 private:
  friend Attribute href(const http::Target& target);
  friend Attribute action(const http::Target& target);
  struct Checked {};
  Attribute(Checked, std::string_view name, std::string value)
      : name_(name), value_(std::move(value)) {}

  std::string name_;
  std::string value_;
};

/// Addresses are of this server: a Target has no scheme and no host.
Attribute href(const http::Target& target);
Attribute action(const http::Target& target);

/// The one stylesheet of a page, inline, allowed by its hash.
class StyleSheet {
 public:
  /// `colours`: custom properties before the rules; what is not "#rrggbb" is left out.
  struct Colour {
    Literal name;
    std::string_view value;
  };
  StyleSheet(Literal rules, const std::vector<Colour>& colours);
  const std::string& text() const { return text_; }
  /// "'sha256-…'", for style-src.
  const std::string& source() const { return source_; }

 private:
  std::string text_;
  std::string source_;
};

/// A piece of HTML that is safe to send. Made only by the functions below.
class Html {
 public:
  Html() = default;
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  Html& operator+=(const Html& more) {
    text_ += more.text_;
    return *this;
  }
  friend Html operator+(Html a, const Html& b) { return a += b; }

 private:
  friend Html text(std::string_view text);
  friend Html literal(Literal markup);
  friend Html element(Tag tag, const std::vector<Attribute>& attributes, const Html& inside);
  friend Html empty_element(Tag tag, const std::vector<Attribute>& attributes);
  friend Html document(std::string_view language, std::string_view title, const StyleSheet& style,
                       const Html& body);
  explicit Html(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

Html text(std::string_view text);
Html literal(Literal markup);
Html element(Tag tag, const std::vector<Attribute>& attributes, const Html& inside);
/// An element that has no end tag: input, br, meta, link.
Html empty_element(Tag tag, const std::vector<Attribute>& attributes);

/// A whole page.
Html document(std::string_view language, std::string_view title, const StyleSheet& style,
              const Html& body);

/// "AUT****R01": the first and last three characters, fewer of a short text.
std::string mask(std::string_view login);

}  // namespace latchkey::server::html
