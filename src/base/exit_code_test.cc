#include "base/exit_code.h"

#include <gtest/gtest.h>

#include <map>

namespace latchkey {
namespace {

// The whole list: docs/commands.md promises it to scripts.
const std::map<Why, int> kPromised = {
    {Why::kMalformed, 5},    {Why::kUnsupported, 2},    {Why::kNotFound, 5},
    {Why::kConflict, 5},     {Why::kBadCredentials, 5}, {Why::kOtpRequired, 3},
    {Why::kOtpWrong, 5},     {Why::kPending, 3},        {Why::kDeclined, 5},
    {Why::kForbidden, 5},    {Why::kInvalidToken, 5},   {Why::kExpired, 5},
    {Why::kRevoked, 5},      {Why::kReplayed, 5},       {Why::kTooMany, 6},
    {Why::kUnavailable, 6},  {Why::kPersonNeeded, 3},   {Why::kUnknownName, 4},
    {Why::kPolicy, 8},       {Why::kStore, 7},          {Why::kNoAnswer, 6},
    {Why::kLostRotation, 9}, {Why::kBadResponse, 10},   {Why::kUsage, 2},
    {Why::kBug, 10}};

TEST(ExitCode, IsPromisedForEveryReason) {
  EXPECT_EQ(kPromised.size(), std::size(kEveryWhy));
  for (const Why why : kEveryWhy) EXPECT_EQ(exit_code(why), kPromised.at(why)) << name_of(why);
}

TEST(ExitCode, IsNeverThatOfSuccess) {
  for (const Why why : kEveryWhy) EXPECT_NE(exit_code(why), kOk) << name_of(why);
}

}  // namespace
}  // namespace latchkey
