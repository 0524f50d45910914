using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Kybernet.Api.Json;
using Kybernet.Api.Patching;

namespace Kybernet.Api.Tests.Patching;

public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("""{"a":{"b":1}}""", """[{"op":"add","path":"/a/c","value":[1,2]},{"op":"add","path":"/a/c/1","value":9},{"op":"add","path":"/a/c/-","value":3}]""", """{"a":{"b":1,"c":[1,9,2,3]}}""")]
    [InlineData("""{"a":[1,2,3]}""", """[{"op":"remove","path":"/a/-1"},{"op":"remove","path":"/a/0"}]""", """{"a":[2]}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"/a","value":null}]""", """{"a":null}""")]
    [InlineData("""{"a":{"x":1},"b":{}}""", """[{"op":"move","from":"/a/x","path":"/b/y"}]""", """{"a":{},"b":{"y":1}}""")]
    [InlineData("""{"a":{"x":1}}""", """[{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"/b/x","value":2}]""", """{"a":{"x":1},"b":{"x":2}}""")]
    [InlineData("""{"a/b":1,"m~n":2}""", """[{"op":"test","path":"/a~1b","value":1},{"op":"remove","path":"/m~0n"}]""", """{"a/b":1}""")]
    [InlineData("""{"a":1.0}""", """[{"op":"test","path":"/a","value":1},{"op":"test","path":"/none","value":null},{"op":"add","path":"","value":{}}]""", """{}""")]
    public void Operations_apply_in_order(string target, string patch, string result)
    {
        var patched = JsonPatch.Apply(JsonNode.Parse(target)!, JsonNode.Parse(patch));
        Assert.True(JsonValues.Same(JsonNode.Parse(result), patched), $"expected {result}, found {patched?.ToJsonString()}");
    }

    [Theory]
    [InlineData("""[{"op":"remove","path":"/x"}]""", "error in remove for path: '/x': unable to remove nonexistent key: x: missing value", PatchFailure.NotApplicable)]
    [InlineData("""[{"op":"replace","path":"/x","value":1}]""", "replace operation does not apply: doc is missing key: /x: missing value", PatchFailure.NotApplicable)]
    [InlineData("""[{"op":"add","path":"/x/y","value":1}]""", "add operation does not apply: doc is missing path: \"/x/y\": missing value", PatchFailure.NotApplicable)]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""", "testing value /a failed: test failed", PatchFailure.TestFailed)]
    [InlineData("""[{"op":"add","path":"/l/7","value":2}]""", "error in add for path: '/l/7': Unable to access invalid index: 7: invalid index referenced", PatchFailure.NotApplicable)]
    [InlineData("""[{"op":"jump","path":"/a"}]""", "Unexpected kind: jump", PatchFailure.Malformed)]
    [InlineData("""{}""", "error decoding patch: a JSON patch is a list of operations", PatchFailure.Malformed)]
    public void What_does_not_apply_is_refused_in_upstreams_words(string patch, string message, PatchFailure failure)
    {
        var refused = Assert.Throws<PatchException>(() => JsonPatch.Apply(JsonNode.Parse("""{"a":1,"l":[]}""")!, JsonNode.Parse(patch)));
        Assert.Equal((message, failure), (refused.Message, refused.Failure));
    }

    [Fact]
    public void A_patch_of_too_many_operations_or_copies_is_refused()
    {
        var many = new JsonArray([.. Enumerable.Range(0, 10_001).Select(_ => JsonNode.Parse("""{"op":"test","path":"/a","value":1}"""))]);
        Assert.Equal(PatchFailure.TooLarge, Assert.Throws<PatchException>(() => JsonPatch.Apply(JsonNode.Parse("{}")!, many)).Failure);
        var copies = new JsonArray([.. Enumerable.Range(0, 40).Select(i => JsonNode.Parse($$"""{"op":"copy","from":"/a","path":"/a/{{i}}"}"""))]);
        var target = JsonNode.Parse("""{"a":{"text":"0123456789"}}""")!;
        Assert.Equal(PatchFailure.TooLarge, Assert.Throws<PatchException>(() => JsonPatch.Apply(target, copies)).Failure);
    }

    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":"foo"}""", """{"a":{"b":{"c":null}}}""", """{"a":{"b":{}}}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""[1,2]""", """{"a":"b","c":null}""", """{"a":"b"}""")]
    public void A_merge_patch_does_what_RFC_7386_says(string target, string patch, string result)
    {
        var patched = JsonMergePatch.Apply(JsonNode.Parse(target), JsonNode.Parse(patch));
        Assert.True(JsonValues.Same(JsonNode.Parse(result), patched), $"expected {result}, found {patched?.ToJsonString()}");
    }

    [Fact]
    public void A_merge_patch_applied_twice_changes_nothing_the_second_time()
    {
        var trees = Gen.Sized(size => Tree(Math.Min(size, 4))).ToArbitrary();
        Prop.ForAll(trees, trees, (target, patch) =>
        {
            var once = JsonMergePatch.Apply(JsonNode.Parse(target), JsonNode.Parse(patch));
            return JsonValues.Same(once, JsonMergePatch.Apply(once, JsonNode.Parse(patch)));
        }).QuickCheckThrowOnFailure();
    }

    private static Gen<string> Tree(int depth) => depth == 0
        ? Gen.Elements("null", "1", "\"x\"", "[1,{\"a\":null}]", "{}")
        : Gen.OneOf(
            Gen.Elements("null", "2", "\"y\"", "[]"),
            from a in Tree(depth - 1) from b in Tree(depth - 1) select $$"""{"a":{{a}},"b":{{b}}}""",
            from b in Tree(depth - 1) from c in Tree(depth - 1) select $$"""{"b":{{b}},"c":{{c}}}""");
}
