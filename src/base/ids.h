#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace latchkey {

/// A name of one kind of thing, so that a client's id cannot stand where a
/// user's is wanted. Not secret; safe to log.
template <class Tag>
struct Id {
  std::string text;
  Id() = default;
  explicit Id(std::string_view t) : text(t) {}
  bool empty() const { return text.empty(); }
  friend auto operator<=>(const Id&, const Id&) = default;
};

using Realm = Id<struct RealmTag>;          ///< one dialect's accounts and tokens on one authority
using ClientId = Id<struct ClientTag>;      ///< RFC 6749 section 2.2
using SubjectId = Id<struct SubjectTag>;    ///< the login of a person or company
using GrantId = Id<struct GrantTag>;        ///< a family: all tokens of one login
using ProfileName = Id<struct ProfileTag>;  ///< one account as the broker's user named it

}  // namespace latchkey
