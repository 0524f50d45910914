using System.Text.Json.Nodes;
using Kybernet.Api.Json;
using Kybernet.Api.Patching;
using Kybernet.Api.Schema;

namespace Kybernet.Api.Tests.Patching;

public sealed class StrategicMergePatchTests
{
    private static readonly TypeSchema Pod = ResourceSchema.BuiltIn.Find(new GroupVersionKind("", "v1", "Pod"))!;
    private static readonly TypeSchema Deployment = ResourceSchema.BuiltIn.Find(new GroupVersionKind("apps", "v1", "Deployment"))!;

    [Theory]
    // Objects and maps are merged, nulls take away, scalars and atomic lists are replaced.
    [InlineData("""{"metadata":{"labels":{"a":"1","b":"2"}}}""", """{"metadata":{"labels":{"a":null,"c":"3"},"name":"x"}}""", """{"metadata":{"labels":{"b":"2","c":"3"},"name":"x"}}""")]
    [InlineData("""{"spec":{"tolerations":[{"key":"a"}]}}""", """{"spec":{"tolerations":[{"key":"b"}]}}""", """{"spec":{"tolerations":[{"key":"b"}]}}""")]
    // Merged lists: by key; what the patch lists comes in its order, after what only the server has unless that came before.
    [InlineData("""{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}}""", """{"spec":{"containers":[{"name":"b","image":"2"}]}}""", """{"spec":{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"}]}}""", """{"spec":{"containers":[{"name":"n"}]}}""", """{"spec":{"containers":[{"name":"n"},{"name":"a"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}}""", """{"spec":{"containers":[{"name":"b","$patch":"delete"}]}}""", """{"spec":{"containers":[{"name":"a"},{"name":"c"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""", """{"spec":{"containers":[{"name":"z"},{"$patch":"replace"}]}}""", """{"spec":{"containers":[{"name":"z"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}}""", """{"spec":{"$setElementOrder/containers":[{"name":"c"},{"name":"a"}],"containers":[{"name":"c","image":"x"}]}}""", """{"spec":{"containers":[{"name":"b"},{"name":"c","image":"x"},{"name":"a"}]}}""")]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}""", """{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}}""", """{"spec":{"containers":[{"name":"b"},{"name":"a"}]}}""")]
    // Lists of scalars are merged as sets, or replaced.
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}}""", """{"metadata":{"finalizers":["b"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"finalizers":["b","c"]}}""", """{"metadata":{"finalizers":["a","b","c"]}}""")]
    [InlineData("""{"metadata":{"finalizers":["a","b"]}}""", """{"metadata":{"$setElementOrder/finalizers":["c","b"],"finalizers":["c"]}}""", """{"metadata":{"finalizers":["c","a","b"]}}""")]
    // Directives on objects.
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"replace","b":"2"}}}""", """{"metadata":{"labels":{"b":"2"}}}""")]
    [InlineData("""{"metadata":{"labels":{"a":"1"}}}""", """{"metadata":{"labels":{"$patch":"delete"}}}""", """{"metadata":{"labels":{}}}""")]
    [InlineData("""{"spec":{"volumes":[{"name":"v","emptyDir":{}}]}}""", """{"spec":{"volumes":[{"name":"v","$retainKeys":["name","hostPath"],"hostPath":{"path":"/x"}}]}}""", """{"spec":{"volumes":[{"name":"v","hostPath":{"path":"/x"}}]}}""")]
    // A key that is no string.
    [InlineData("""{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80}]}]}}""", """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"w"},{"containerPort":81}]}]}}""", """{"spec":{"containers":[{"name":"a","ports":[{"containerPort":80,"name":"w"},{"containerPort":81}]}]}}""")]
    // What there is nothing to merge with is taken as it is, without what says how to merge it.
    [InlineData("""{"metadata":{"name":"x"}}""", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}}""", """{"metadata":{"name":"x"}}""")]
    [InlineData("""{"metadata":{"name":"x"}}""", """{"spec":{"containers":[{"name":"a","$patch":"delete"},{"name":"b","env":[{"$patch":"replace"}]}]}}""", """{"metadata":{"name":"x"},"spec":{"containers":[{"name":"b","env":[]}]}}""")]
    public void A_patch_is_merged_by_the_schema(string target, string patch, string result) => AssertPatched(Pod, target, patch, result);

    [Fact]
    public void A_deployments_strategy_keeps_only_what_the_patch_retains() => AssertPatched(
        Deployment,
        """{"spec":{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""",
        """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""",
        """{"spec":{"strategy":{"type":"Recreate"}}}""");

    [Theory]
    [InlineData("""{"spec":{"containers":[{"image":"x"}]}}""", "does not contain declared merge key: name")]
    [InlineData("""{"spec":{"containers":[{"name":"a","$patch":"twist"}]}}""", "unknown patch type: twist in map")]
    [InlineData("""{"spec":{"$patch":"merge"}}""", "unknown patch type: merge")]
    [InlineData("""{"spec":{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"name":"a"}]}}""", "doesn't match $setElementOrder list")]
    [InlineData("""{"spec":{"volumes":[{"name":"v","$retainKeys":["name"],"emptyDir":{}}]}}""", "invalid patch format of retainKeys")]
    public void A_malformed_patch_is_refused(string patch, string message)
    {
        var target = JsonNode.Parse("""{"spec":{"containers":[{"name":"a"}],"volumes":[{"name":"v"}]}}""")!.AsObject();
        var refused = Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(target, JsonNode.Parse(patch)!.AsObject(), Pod));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Neither_the_target_nor_the_patch_is_changed()
    {
        var target = JsonNode.Parse("""{"spec":{"containers":[{"name":"a"}]}}""")!.AsObject();
        var patch = JsonNode.Parse("""{"spec":{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"name":"b"}]}}""")!.AsObject();
        var (before, patchBefore) = (target.ToJsonString(), patch.ToJsonString());
        StrategicMergePatch.Apply(target, patch, Pod);
        Assert.Equal((before, patchBefore), (target.ToJsonString(), patch.ToJsonString()));
    }

    private static void AssertPatched(TypeSchema type, string target, string patch, string result)
    {
        var patched = StrategicMergePatch.Apply(JsonNode.Parse(target)!.AsObject(), JsonNode.Parse(patch)!.AsObject(), type);
        Assert.True(JsonValues.Same(JsonNode.Parse(result), patched), $"expected {result}, found {patched.ToJsonString()}");
    }
}
