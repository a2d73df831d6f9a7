#include "engine/row_number.h"

#include <gtest/gtest.h>

#include <set>

#include "crypto/digest.h"
#include "engine/keys.h"

namespace latchkey::engine {
namespace {

std::uint64_t noise = 0x0123'4567'89ab'cdef;

const Bytes kKey(crypto::kShortHashKeySize, 7), kOther(crypto::kShortHashKeySize, 8);
constexpr std::int64_t kNumbers[] = {1, 2, 77, 4096, 1'000'000'007, kEndOfNumbers - 1};

// {"sub":"a \"jti\":\"b","jti":"…"}
std::string jwt_of(const std::string& id) {
  const std::string claims = R"({"sub":"a \"jti\":\"b","jti":")" + id + "\"}";
  return "e30." + to_base64url(bytes_of(claims)) + ".c2ln";
}

TEST(RowNumber, IsSaidByAnOpaqueTextAndByAJwtsId) {  // checklist 28
  for (const std::int64_t number : kNumbers) {
    const Secret text = opaque_text_saying(kKey, number);
    EXPECT_EQ(text.size(), 43u);
    EXPECT_EQ(number_said(kKey, text.reveal()), number);
    const std::string id = uuid_saying(kKey, number, noise++);
    EXPECT_TRUE(is_uuid(id)) << id;
    EXPECT_EQ(id[14], '4') << "its version";
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << "its variant";
    EXPECT_EQ(number_said(kKey, jwt_of(id)), number);
    EXPECT_TRUE(says_id(R"({"sub":"a \"jti\":\"b","jti":")" + id + "\"}", id));
  }
}

TEST(RowNumber, IsNotSaidByAnIdThatStandsBehindAnother) {
  const std::string id = uuid_saying(kKey, 9, noise++);
  const std::string claims = R"({"act":{"jti":"other"},"jti":")" + id + "\"}";
  EXPECT_FALSE(says_id(claims, id));
  EXPECT_FALSE(says_id("{}", id));
  EXPECT_NE(number_said(kKey, "e30." + to_base64url(bytes_of(claims)) + ".c2ln"), 9);
}

TEST(RowNumber, IsReadByNobodyElse) {
  int right = 0;
  for (int i = 0; i < 1000; ++i) {
    const Secret text = opaque_text_saying(kKey, 5);
    if (number_said(kOther, text.reveal()) == 5) ++right;
    if (number_said(kOther, jwt_of(uuid_saying(kKey, 5, noise++))) == 5) ++right;
  }
  EXPECT_EQ(right, 0);
}

TEST(RowNumber, ShowsNothingOfItself) {
  std::set<std::string> beginnings;
  for (int i = 0; i < 1000; ++i) {
    beginnings.insert(std::string(opaque_text_saying(kKey, 5).reveal().substr(0, 8)));
    beginnings.insert(uuid_saying(kKey, 5, noise++).substr(0, 8));
  }
  EXPECT_GT(beginnings.size(), 1990u) << "the same number begins differently each time";
}

TEST(RowNumber, IsNoneWhereThereIsNone) {
  int said = 0;
  for (int i = 0; i < 1000; ++i) {
    if (number_said(kKey, opaque_text_saying(kKey, 0).reveal()) != 0) ++said;
  }
  EXPECT_LT(said, 200) << "one of sixteen says what could be a number";
  for (const char* text :
       {"", ".", "..", "a.b.c", "e30.e30.", "e30.!!!.c2ln", "550e8400-e29b-41d4-a716-446655440000",
        "0123456789abcdef0123456789abcdef01234567", "e30.eyJqdGkiOiJ4In0.c2ln",
        "===========================================",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"})
    EXPECT_EQ(number_said(kKey, text), 0) << text;
}

// What stands in no index is found by its text alone: where one of these changes, every token that
// was issued before is lost.
TEST(RowNumber, IsReadFromTextsOfEarlierVersions) {
  const Keys keys{Secret{std::string(32, 'a')}};
  const auto said = [&](std::string_view text) { return keys.token_hash(Secret{text}).number(); };
  EXPECT_EQ(said("dx950s3yb2dnvFgh0R85iTRj1dhEMG2RrrLicJ4cCh0"), 77);
  EXPECT_EQ(said("YujkNidnFcmLOncT2IauALo8fVFVeKN6HTpT8YN28Zg"), kEndOfNumbers - 1);
  EXPECT_EQ(said(jwt_of("3f203960-c9c8-44d8-9c19-c87c8d80b494")), 77);
  EXPECT_EQ(said(jwt_of("7039ff66-ddbf-4ef0-9514-5ad721f4b2a9")), kEndOfNumbers - 1);
}

TEST(RowNumber, IsSaidByAnotherIdEachTime) {  // RFC 7519 section 4.1.7
  const Keys keys{Secret{std::string(32, 'a')}};
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(keys.new_jwt_id(13));
  EXPECT_EQ(ids.size(), 1000u) << "an access token and its refresh token stand in one row";
}

TEST(RowNumber, IsKnownToATokensHashAndNoPartOfIt) {
  const Keys keys{Secret{std::string(32, 'a')}};
  const Secret text = keys.new_opaque_text(12);
  EXPECT_EQ(keys.token_hash(text).number(), 12);
  EXPECT_EQ(keys.token_hash(Secret{jwt_of(keys.new_jwt_id(13))}).number(), 13);
  EXPECT_EQ(keys.token_hash(Secret{"token"}).number(), 0);
  const Hash known(Bytes(16, 1), 5), unknown(Bytes(16, 1));
  EXPECT_EQ(known, unknown);
  EXPECT_EQ(known <=> unknown, std::strong_ordering::equal);
  EXPECT_EQ(std::hash<Hash>()(known), std::hash<Hash>()(unknown));
}

}  // namespace
}  // namespace latchkey::engine
