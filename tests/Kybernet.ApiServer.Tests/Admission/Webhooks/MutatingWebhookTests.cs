using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Admission.Webhooks;

/// <summary>Webhooks that change objects.</summary>
public sealed class MutatingWebhookTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Open = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""";

    [Fact]
    [Trait("Conformance", "admission-webhook-ordered-mutation")]
    public async Task Webhooks_change_an_object_one_after_the_other()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = Stages;
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule("", "configmaps", "CREATE"), name: "a-first");
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule("", "configmaps", "CREATE"), name: "b-second");

        var (code, made) = await server.SendAsync(HttpMethod.Post, ConfigMaps, """{"metadata":{"name":"one"},"data":{"mutation-start":"yes"}}""");

        Assert.Equal(201, code);
        Assert.Equal("""{"mutation-start":"yes","mutation-stage-1":"yes","mutation-stage-2":"yes"}""", made!["data"]!.ToJsonString());
        Assert.Equal(["/hook/a-first?timeout=10s", "/hook/b-second?timeout=10s"], hook.Asked.Select(static asked => (string)asked["path"]!));
    }

    [Fact]
    public async Task A_webhook_that_wants_to_sees_again_what_a_later_one_changed()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static request => ((string)request["path"]!).StartsWith("/hook/b-", StringComparison.Ordinal)
            ? WebhookServer.Allowed(("add", "/data/late", "yes"))
            : request["object"]!["data"]!["late"] is null ? WebhookServer.Allowed() : WebhookServer.Allowed(("add", "/data/seen", "yes"));
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule("", "configmaps", "CREATE"), """{"reinvocationPolicy":"IfNeeded"}""", name: "a-first");
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule("", "configmaps", "CREATE"), name: "b-second");

        var (_, made) = await server.SendAsync(HttpMethod.Post, ConfigMaps, """{"metadata":{"name":"one"},"data":{"a":"b"}}""");

        Assert.Equal("""{"a":"b","late":"yes","seen":"yes"}""", made!["data"]!.ToJsonString());
        Assert.Equal(3, hook.Asked.Count);
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-mutation-with-defaulting")]
    public async Task What_a_webhook_puts_in_gets_its_defaults()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static _ => WebhookServer.Allowed(("add", "/spec/initContainers", JsonNode.Parse("""[{"name":"webhook-added-init-container","image":"webhook-added-image"}]""")));
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule("", "pods", "CREATE"));
        await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"default"}}""");

        var (code, made) = await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", """{"metadata":{"name":"one"},"spec":{"containers":[{"name":"c","image":"i"}]}}""");

        Assert.True(code == 201, made?.ToJsonString());
        var added = made!["spec"]!["initContainers"]![0]!;
        Assert.Equal(("webhook-added-init-container", "File", "/dev/termination-log"), ((string)added["name"]!, (string)added["terminationMessagePolicy"]!, (string)added["terminationMessagePath"]!));
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-mutate-custom-resource")]
    public async Task Custom_resources_are_changed()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        await CustomKind.DefineAsync(server, $$"""[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{{Open}} } }]""");
        hook.Answer = Stages;
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule(CustomKind.Group, CustomKind.Plural, "CREATE,UPDATE"), name: "a-first");
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule(CustomKind.Group, CustomKind.Plural, "CREATE,UPDATE"), name: "b-second");

        var (_, made) = await server.SendAsync(HttpMethod.Post, CustomKind.Path(), CustomKind.Object("v1", "one", """{"mutation-start":"yes"}"""));

        Assert.Equal("""{"mutation-start":"yes","mutation-stage-1":"yes","mutation-stage-2":"yes"}""", made!["data"]!.ToJsonString());
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-mutate-custom-resource-with-pruning")]
    public async Task What_a_definition_does_not_know_goes_when_a_webhook_puts_it_in()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        await CustomKind.DefineAsync(
            server,
            """
            [{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"data":{"type":"object",
              "properties":{"mutation-start":{"type":"string"},"mutation-stage-1":{"type":"string"} } } } } } }]
            """);
        hook.Answer = Stages;
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule(CustomKind.Group, CustomKind.Plural, "CREATE"), name: "a-first");
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule(CustomKind.Group, CustomKind.Plural, "CREATE"), name: "b-second");

        var (_, made) = await server.SendAsync(HttpMethod.Post, CustomKind.Path(), CustomKind.Object("v1", "one", """{"mutation-start":"yes"}"""));

        Assert.Equal("""{"mutation-start":"yes","mutation-stage-1":"yes"}""", made!["data"]!.ToJsonString());
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-mutate-custom-resource-with-different-stored-version")]
    public async Task A_webhook_sees_its_own_version_whichever_is_stored()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        await CustomKind.DefineAsync(
            server,
            $$$"""[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{{{Open}}} } },{"name":"v2","served":true,"storage":false,"schema":{"openAPIV3Schema":{{{Open}}} } }]""");
        await server.SendAsync(HttpMethod.Post, CustomKind.Path(), CustomKind.Object("v1", "one", """{"mutation-start":"yes"}"""));
        hook.Answer = Stages;
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule(CustomKind.Group, CustomKind.Plural, "CREATE,UPDATE", "v2"));
        var storage = """[{"op":"replace","path":"/spec/versions/0/storage","value":false},{"op":"replace","path":"/spec/versions/1/storage","value":true}]""";
        var (changed, _) = await server.SendAsync(
            HttpMethod.Patch, $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{CustomKind.Plural}.{CustomKind.Group}", storage, "application/json-patch+json");
        Assert.Equal(200, changed);

        var (code, patched) = await server.SendAsync(HttpMethod.Patch, $"{CustomKind.Path()}/one", """{"data":{"dummy":"test"}}""", "application/merge-patch+json");

        Assert.True(code == 200, patched?.ToJsonString());
        Assert.Equal(($"{CustomKind.Group}/v1", "yes", "test"), ((string)patched!["apiVersion"]!, (string)patched["data"]!["mutation-stage-1"]!, (string)patched["data"]!["dummy"]!));
        var asked = Assert.Single(hook.Asked);
        Assert.Equal(("v2", "v1", $"{CustomKind.Group}/v2"), ((string)asked["kind"]!["version"]!, (string)asked["requestKind"]!["version"]!, (string)asked["object"]!["apiVersion"]!));
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-update-mutating-webhook")]
    public async Task A_changed_rule_is_in_force_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static _ => WebhookServer.Allowed(("add", "/data/changed", "yes"));
        await hook.ConfigureAsync(server, "Mutating", WebhookServer.Rule("", "configmaps", "UPDATE"));
        var configuration = $"{WebhookServer.Configurations("Mutating")}/test";
        Assert.Null((await MakeAsync(server, "one"))["data"]!["changed"]);

        var (_, current) = await server.SendAsync(HttpMethod.Get, configuration);
        current!["webhooks"]![0]!["rules"]![0]!["operations"] = new JsonArray("CREATE");
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Put, configuration, current.ToJsonString())).Code);
        Assert.Equal("yes", (string)(await MakeAsync(server, "two"))["data"]!["changed"]!);

        var patch = """[{"op":"replace","path":"/webhooks/0/rules/0/operations","value":["UPDATE"]}]""";
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Patch, configuration, patch, "application/json-patch+json")).Code);
        Assert.Null((await MakeAsync(server, "three"))["data"]!["changed"]);
    }

    [Fact]
    [Trait("Conformance", "mutating-admission-webhook-create-and-update-mutating-webhook-configuration-with-matchconditions")]
    [Trait("Conformance", "mutating-admission-webhook-mutating-webhook-excluding-object-with-specific-name")]
    public async Task Objects_that_the_conditions_leave_out_stay_as_they_are()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static _ => WebhookServer.Allowed(("add", "/data/changed", "yes"));
        await hook.ConfigureAsync(
            server, "Mutating", WebhookServer.Rule("", "configmaps", "CREATE"), """{"matchConditions":[{"name":"not-me","expression":"object.metadata.name != 'skip-me'"}]}""");

        Assert.Equal("yes", (string)(await MakeAsync(server, "change-me"))["data"]!["changed"]!);
        Assert.Null((await MakeAsync(server, "skip-me"))["data"]!["changed"]);

        var change = """[{"op":"replace","path":"/webhooks/0/matchConditions/0/expression","value":"object.metadata.name == 'me-only'"}]""";
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Patch, $"{WebhookServer.Configurations("Mutating")}/test", change, "application/json-patch+json")).Code);
        Assert.Null((await MakeAsync(server, "nor-me"))["data"]!["changed"]);
        Assert.Equal("yes", (string)(await MakeAsync(server, "me-only"))["data"]!["changed"]!);
    }

    // As webhooks of upstream's suite do: each takes the next step that is due.
    private static JsonObject Stages(JsonObject request)
    {
        var data = request["object"]!["data"]!.AsObject();
        return data["mutation-start"] is not null && data["mutation-stage-1"] is null ? WebhookServer.Allowed(("add", "/data/mutation-stage-1", "yes"))
            : data["mutation-stage-1"] is not null && data["mutation-stage-2"] is null ? WebhookServer.Allowed(("add", "/data/mutation-stage-2", "yes"))
            : WebhookServer.Allowed();
    }

    private static async Task<JsonNode> MakeAsync(TestServer server, string name)
    {
        var (code, made) = await server.SendAsync(HttpMethod.Post, ConfigMaps, $$$"""{"metadata":{"name":"{{{name}}}"},"data":{"a":"b"} }""");
        Assert.True(code == 201, made?.ToJsonString());
        return made!;
    }
}
