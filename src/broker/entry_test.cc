#include "broker/entry.h"

#include <random>

#include "broker/testing.h"

namespace latchkey::broker {
namespace {

using testing::kNoon;
using testing::why_of;

Entry full() {
  Entry entry;
  entry.generation = 7;
  entry.access_token = Secret("access");
  entry.access_until = kNoon;
  entry.refresh_token = Secret("refresh");
  entry.refresh_until = kEndOfTime;
  entry.parent_token = Secret("parent");
  entry.parent_until = from_epoch(-1);
  entry.proof_key = Secret("key");
  entry.scope = "a b";
  entry.session = "s,5:x";
  entry.logged_in = kNoon;
  entry.renewed = kNoon;
  entry.spending_since = kNoon;
  entry.spending_uptime = {"a-boot", Seconds{77}};
  entry.credentials_since = kNoon;
  entry.credentials_mark = "0a1f";
  entry.description = "{\"issuer\":1}";
  entry.described = kNoon;
  entry.refresh_stays = true;
  entry.kept.emplace("password", "x");
  return entry;
}

TEST(Entry, ComesBackAsItWas) {
  for (const Entry& entry : {full(), Entry{.generation = 1}}) {
    const auto read = read_entry(write_entry(entry));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, entry);
  }
}

TEST(Entry, KeepsSecretsOfAnyBytes) {  // a password in Latin-1 once made a vault unreadable
  Entry entry = full();
  entry.kept.insert_or_assign("password", Secret(std::string_view("\xe9\0,:\n\xff", 6)));
  entry.kept.emplace("nothing", Secret());
  const auto read = read_entry(write_entry(entry));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, entry);
}

TEST(Entry, IsRefusedWhenItIsNotOne) {
  for (const std::string_view text :
       {"", "10:generation,1:0,", "10:generation,2:-1,", "10:generation,1:x,", "5:scope,1:a,",
        "10:generation,1:1", "10:generation,1:1,5:scope,", "10:generation,1:1,4:what,1:x,",
        "10:generation,1:1,10:generation,1:1,", "10:generation,1:1,7:renewed,1:x,",
        "10:generation,1:1,9:kept.name,1:a,9:kept.name,1:b,", "10:generation,1:1,99999999:x,1:y,",
        "10:generation,1:1,13:refresh_stays,1:0,", "10:generation,1:1,9:described,1:x,",
        "10:generation,1:1,-1:x,1:y,", "10:generation,1:1,5:scope,9:a,", "{\"generation\":1}"})
    EXPECT_EQ(why_of(read_entry(Secret(text))), Why::kStore) << text;
}

TEST(Entry, SurvivesChanceInput) {
  std::mt19937 chance(20260301);
  const std::string good(write_entry(full()).reveal());
  ASSERT_TRUE(read_entry(Secret(good)));
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good;
    const int changes = 1 + static_cast<int>(chance() % 4);
    for (int i = 0; i < changes; ++i) {
      const std::size_t at = chance() % text.size();
      switch (chance() % 4) {
        case 0: text[at] = static_cast<char>(chance()); break;
        case 1: text[at] = "0123456789:,"[chance() % 12]; break;
        case 2: text.erase(at, chance() % 8); break;
        default: text.insert(at, 1, static_cast<char>(chance())); break;
      }
      if (text.empty()) text = "x";
    }
    const auto read = read_entry(Secret(text));
    if (!read) {
      ++refused;
      ASSERT_EQ(read.error().why, Why::kStore);
      continue;
    }
    // What is taken says itself again: nothing was read that is not there.
    const auto again = read_entry(write_entry(*read));
    ASSERT_TRUE(again);
    ASSERT_EQ(*again, *read);
  }
  EXPECT_GT(refused, 5'000);
}

}  // namespace
}  // namespace latchkey::broker
