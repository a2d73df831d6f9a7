#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "server/admin/admin_api.h"
#include "server/admin/admin_openapi.h"
#include "server/admin/problem.h"
#include "store/memory/memory_store.h"

namespace latchkey::server {
namespace {

using json::Object;
using Kind = Parameter::Kind;

const std::vector<Parameter> kKnown{
    {.name = "login", .help = "", .required = true},
    {.name = "most", .help = "", .kind = Kind::kNumber, .least = 1, .most = 9, .standard = 5},
    {.name = "all", .help = "", .kind = Kind::kFlag},
    {.name = "grant", .help = "", .kind = Kind::kList},
    {.name = "otp", .help = "", .kind = Kind::kChoice, .choices = "none|push"},
    {.name = "password", .help = "", .kind = Kind::kSecret}};

TEST(Given, TakesWhatTheVerbKnows) {
  const auto given = Given::make(kKnown, {{"login", "acme"},
                                          {"most", 9},
                                          {"all", true},
                                          {"grant", json::Array{"a", "b"}},
                                          {"otp", "push"},
                                          {"password", "hunter2"}});
  ASSERT_TRUE(given) << given.error().say;
  EXPECT_EQ(given->text("login"), "acme");
  EXPECT_EQ(given->number("most"), 9);
  EXPECT_TRUE(given->flag("all"));
  EXPECT_EQ(given->list("grant"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(given->secret("password"), Secret("hunter2"));
  EXPECT_EQ(json::write(given->shown()).find("hunter2"), std::string::npos);  // checklist 68
}

TEST(Given, HasWhatIsLeftOut) {
  const auto given = Given::make(kKnown, {{"login", "acme"}, {"otp", nullptr}});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->number("most"), 5);
  EXPECT_EQ(given->text("otp"), "");
  EXPECT_TRUE(given->list("grant").empty());
}

TEST(Given, RefusesEverythingElse) {
  const Object rows[] = {{},
                         {{"login", nullptr}},
                         {{"login", 1}},
                         {{"login", "a"}, {"more", 1}},
                         {{"login", "a"}, {"most", 0}},
                         {{"login", "a"}, {"most", 10}},
                         {{"login", "a"}, {"most", "9"}},
                         {{"login", "a"}, {"all", "true"}},
                         {{"login", "a"}, {"grant", "b"}},
                         {{"login", "a"}, {"grant", json::Array{1}}},
                         {{"login", "a"}, {"otp", "sms"}},
                         {{"login", "a"}, {"password", true}}};
  for (const auto& row : rows) {
    const auto given = Given::make(kKnown, row);
    ASSERT_FALSE(given) << json::write(row);
    EXPECT_EQ(given.error().why, Why::kUsage);
  }
}

TEST(Given, ComesFromAQueryAndBack) {
  const http::Pairs query{{"login", "a b"}, {"most", "3"}, {"all", "true"}};
  const auto members = members_of(kKnown, query);
  ASSERT_TRUE(members) << members.error().say;
  EXPECT_EQ(query_of(kKnown, *members), query);
  for (const http::Pairs& bad : {http::Pairs{{"password", "x"}},
                                 {{"more", "x"}},
                                 {{"most", "x"}},
                                 {{"all", "yes"}},
                                 {{"login", "a"}, {"login", "b"}}})
    EXPECT_FALSE(members_of(kKnown, bad));
}

TEST(Problem, SaysEveryReasonAndComesBack) {
  for (const Why why : kEveryWhy) {
    const auto response = problem(Error{why, "what was said", "what was not"});
    EXPECT_GE(response.status, 400);
    EXPECT_LE(response.status, 503);
    EXPECT_EQ(*response.headers.find("Content-Type"), "application/problem+json");
    EXPECT_EQ(response.body.find("what was not"), std::string::npos);
    const Error back = error_of(response);
    EXPECT_EQ(back.why, why);
    EXPECT_EQ(back.say, "what was said");
  }
  EXPECT_EQ(error_of({.status = 502, .body = "<html>"}).why, Why::kBadResponse);
  EXPECT_NE(problem(Error{Why::kUnavailable}).headers.find("Retry-After"), nullptr);
}

TEST(Verbs, AreEachOneThing) {
  std::set<std::string> names;
  for (const Verb& verb : verbs()) {
    EXPECT_TRUE(names.insert(name_of(verb)).second) << name_of(verb);
    EXPECT_NE(verb.act, nullptr);
    EXPECT_FALSE(verb.help.empty());
    EXPECT_EQ(verb.gives == Gives::kNothing, verb.columns.empty()) << name_of(verb);
    const bool known =
        std::ranges::any_of(nouns(), [&](const Noun& n) { return n.name == verb.noun; });
    EXPECT_TRUE(known) << verb.noun;
    for (const auto& one : verb.parameters) {
      EXPECT_FALSE(one.help.empty()) << name_of(verb) << " " << one.name;
      // A query ends up in logs, so what only reads takes no secret (checklist 30).
      EXPECT_TRUE(verb.changes || one.kind != Kind::kSecret) << name_of(verb);
    }
  }
  const auto document = admin_openapi("1");
  EXPECT_EQ(document.as_object()->find("paths")->as_object()->size(), verbs().size() + 1);
}

TEST(AdminTokens, AreNamedAndLong) {
  const std::string token(32, 't');
  const auto tokens =
      read_admin_tokens(Secret("# who\n\nalice " + token + "\r\nbob  " + token + "b"));
  ASSERT_TRUE(tokens) << tokens.error().say;
  ASSERT_EQ(tokens->size(), 2u);
  EXPECT_EQ((*tokens)[0].name, "alice");
  EXPECT_EQ((*tokens)[1].token, Secret(token + "b"));
  for (const std::string& bad : {std::string("alice"), "alice " + token.substr(1),
                                 std::string("# none"), std::string(), "alice " + token + " more"})
    EXPECT_FALSE(read_admin_tokens(Secret(bad))) << bad;
}

}  // namespace
}  // namespace latchkey::server
