using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Admission.Webhooks;

/// <summary>Webhooks that judge.</summary>
public sealed class ValidatingWebhookTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

    [Fact]
    [Trait("Conformance", "admission-webhook-deny-create")]
    public async Task A_webhook_turns_away_what_is_made_changed_or_patched()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static request => request["object"]!["data"]?["bad"] is null ? WebhookServer.Allowed() : WebhookServer.Denied("the configmap contains unwanted key and value");
        await hook.ConfigureAsync(server, "Validating", WebhookServer.Rule("", "configmaps", "CREATE,UPDATE"));

        var (bad, status) = await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("bad", "bad"));
        var (good, _) = await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("good", "good"));
        var (put, _) = await server.SendAsync(HttpMethod.Put, $"{ConfigMaps}/good", ConfigMap("good", "bad"));
        var (patch, _) = await server.SendAsync(HttpMethod.Patch, $"{ConfigMaps}/good", """{"data":{"bad":"x"}}""", "application/merge-patch+json");

        Assert.Equal((403, 201, 403, 403), (bad, good, put, patch));
        Assert.Equal("admission webhook \"test.example.com\" denied the request: the configmap contains unwanted key and value", (string)status!["message"]!);
        Assert.Equal("Forbidden", (string)status["reason"]!);
        var asked = hook.Asked.ToArray();
        Assert.Equal("/hook/test?timeout=10s", (string)asked[0]["path"]!);
        Assert.Equal(("CREATE", "default", "bad", "ConfigMap"), ((string)asked[0]["operation"]!, (string)asked[0]["namespace"]!, (string)asked[0]["name"]!, (string)asked[0]["kind"]!["kind"]!));
        Assert.Equal("admin", (string)asked[0]["userInfo"]!["username"]!);
        Assert.Null(asked[0]["oldObject"]);
        Assert.Equal("x", (string)asked[2]["oldObject"]!["data"]!["good"]!);
        Assert.Equal("UpdateOptions", (string)asked[2]["options"]!["kind"]!);
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-deny-attach")]
    public async Task Who_connects_to_a_pod_is_judged_before_the_pod_is_looked_for()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static _ => WebhookServer.Denied("attaching to pod 'to-be-attached-pod' is not allowed");
        await hook.ConfigureAsync(server, "Validating", WebhookServer.Rule("", "pods/attach", "CONNECT"));

        var (code, status) = await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods/to-be-attached-pod/attach?container=c&stdin=true");

        Assert.Equal(403, code);
        Assert.EndsWith("denied the request: attaching to pod 'to-be-attached-pod' is not allowed", (string)status!["message"]!, StringComparison.Ordinal);
        var asked = Assert.Single(hook.Asked);
        Assert.Equal(("CONNECT", "attach", "PodAttachOptions"), ((string)asked["operation"]!, (string)asked["subResource"]!, (string)asked["kind"]!["kind"]!));
        Assert.Equal(("c", true), ((string)asked["object"]!["container"]!, (bool)asked["object"]!["stdin"]!));
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-deny-custom-resource-create-and-delete")]
    public async Task Custom_resources_are_judged_when_they_are_made_changed_and_deleted()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        await CustomKind.DefineAsync(server, """[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]""");
        hook.Answer = static request => ((string)request["operation"]! == "DELETE" ? request["oldObject"] : request["object"])!["data"]?["webhook"]?.ToString() is "disallow" or "stays"
            && (string)request["operation"]! is var operation && (operation == "DELETE" || request["object"]!["data"]!["webhook"]!.ToString() == "disallow")
                ? WebhookServer.Denied("the custom resource contains unwanted data")
                : WebhookServer.Allowed();
        await hook.ConfigureAsync(server, "Validating", WebhookServer.Rule(CustomKind.Group, CustomKind.Plural));

        var (refused, status) = await server.SendAsync(HttpMethod.Post, CustomKind.Path(), CustomKind.Object("v1", "a", """{"webhook":"disallow"}"""));
        var (made, _) = await server.SendAsync(HttpMethod.Post, CustomKind.Path(), CustomKind.Object("v1", "b", """{"webhook":"stays"}"""));
        var (changed, _) = await server.SendAsync(HttpMethod.Patch, $"{CustomKind.Path()}/b", """{"data":{"webhook":"disallow"}}""", "application/merge-patch+json");
        var (deleted, _) = await server.SendAsync(HttpMethod.Delete, $"{CustomKind.Path()}/b");
        var (all, _) = await server.SendAsync(HttpMethod.Delete, CustomKind.Path());
        var (freed, _) = await server.SendAsync(HttpMethod.Patch, $"{CustomKind.Path()}/b", """{"data":{"webhook":"free"}}""", "application/merge-patch+json");
        var (gone, _) = await server.SendAsync(HttpMethod.Delete, $"{CustomKind.Path()}/b");

        Assert.Equal((403, 201, 403, 403, 403, 200, 200), (refused, made, changed, deleted, all, freed, gone));
        Assert.EndsWith("the custom resource contains unwanted data", (string)status!["message"]!, StringComparison.Ordinal);
        Assert.Null(hook.Asked.Last()["object"]);
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-deny-custom-resource-definition")]
    public async Task Definitions_of_custom_resources_are_judged_too()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static request => request["object"]!["metadata"]!["labels"]?["deny"] is null ? WebhookServer.Allowed() : WebhookServer.Denied("the crd contains unwanted label");
        await hook.ConfigureAsync(server, "Validating", WebhookServer.Rule("apiextensions.k8s.io", "customresourcedefinitions", "CREATE"));
        var definition = JsonNode.Parse(CustomKind.Definition("""[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]"""))!;
        definition["metadata"]!["labels"] = new JsonObject { ["deny"] = "yes" };

        var (code, status) = await server.SendAsync(HttpMethod.Post, Definitions, definition.ToJsonString());

        Assert.Equal(403, code);
        Assert.EndsWith("the crd contains unwanted label", (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-discovery-document")]
    public async Task What_configures_webhooks_is_in_the_discovery_documents()
    {
        await using var server = await TestServer.StartAsync();

        var (_, groups) = await server.SendAsync(HttpMethod.Get, "/apis");
        var (_, group) = await server.SendAsync(HttpMethod.Get, "/apis/admissionregistration.k8s.io");
        var (_, resources) = await server.SendAsync(HttpMethod.Get, "/apis/admissionregistration.k8s.io/v1");

        Assert.Contains(groups!["groups"]!.AsArray(), static item => (string)item!["name"]! == "admissionregistration.k8s.io");
        Assert.Equal("admissionregistration.k8s.io/v1", (string)group!["preferredVersion"]!["groupVersion"]!);
        string[] names = [.. resources!["resources"]!.AsArray().Select(static item => (string)item!["name"]!)];
        Assert.Contains("mutatingwebhookconfigurations", names);
        Assert.Contains("validatingwebhookconfigurations", names);
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-admission-control-not-allowed-on-webhook-configuration-objects")]
    public async Task No_webhook_keeps_anybody_from_changing_the_configurations_of_webhooks()
    {
        await using var server = await TestServer.StartAsync(configure: TestServer.Quiet);
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static _ => WebhookServer.Denied("never");
        const string rule = """{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*/*"]}""";
        await hook.ConfigureAsync(server, "Validating", rule);
        await hook.ConfigureAsync(server, "Mutating", rule);

        await hook.ConfigureAsync(server, "Validating", rule, name: "other");
        var (deleted, _) = await server.SendAsync(HttpMethod.Delete, $"{WebhookServer.Configurations("Validating")}/other");

        Assert.Equal(200, deleted);
        Assert.Empty(hook.Asked);
        Assert.Equal(403, (await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("any", "x"))).Code);
    }

    [Fact]
    [Trait("Conformance", "admission-webhook-update-validating-webhook")]
    public async Task A_changed_rule_is_in_force_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static _ => WebhookServer.Denied("no");
        await hook.ConfigureAsync(server, "Validating", WebhookServer.Rule("", "configmaps", "CREATE"));
        var configuration = $"{WebhookServer.Configurations("Validating")}/test";
        Assert.Equal(403, (await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("one", "x"))).Code);

        var (_, current) = await server.SendAsync(HttpMethod.Get, configuration);
        current!["webhooks"]![0]!["rules"]![0]!["operations"] = new JsonArray("UPDATE");
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Put, configuration, current.ToJsonString())).Code);
        Assert.Equal(201, (await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("two", "x"))).Code);

        var patch = """[{"op":"replace","path":"/webhooks/0/rules/0/operations","value":["CREATE"]}]""";
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Patch, configuration, patch, "application/json-patch+json")).Code);
        Assert.Equal(403, (await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("three", "x"))).Code);
    }

    [Theory]
    [InlineData("Validating")]
    [InlineData("Mutating")]
    [Trait("Conformance", "admission-webhook-list-validating-webhooks")]
    [Trait("Conformance", "admission-webhook-list-mutating-webhooks")]
    public async Task Deleted_configurations_are_in_force_no_longer(string kind)
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static _ => WebhookServer.Denied("no");
        for (var i = 0; i < 5; i++)
        {
            await hook.ConfigureAsync(server, kind, WebhookServer.Rule("", "configmaps", "CREATE"), name: $"hook-{i}");
        }
        var (_, list) = await server.SendAsync(HttpMethod.Get, $"{WebhookServer.Configurations(kind)}?labelSelector=suite%3Dwebhooks");
        Assert.Equal(5, list!["items"]!.AsArray().Count);
        Assert.Equal(403, (await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("one", "x"))).Code);

        Assert.Equal(200, (await server.SendAsync(HttpMethod.Delete, $"{WebhookServer.Configurations(kind)}?labelSelector=suite%3Dwebhooks")).Code);

        Assert.Equal(201, (await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("two", "x"))).Code);
    }

    [Fact]
    [Trait("Conformance", "validating-admission-webhook-create-and-update-validating-webhook-configuration-with-matchconditions")]
    public async Task A_webhook_is_asked_only_where_its_conditions_hold()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static _ => WebhookServer.Denied("no");
        await hook.ConfigureAsync(
            server, "Validating", WebhookServer.Rule("", "configmaps"), """{"matchConditions":[{"name":"is-bad","expression":"object.metadata.name.startsWith('bad') && request.userInfo.username == 'admin'"}]}""");

        Assert.Equal(201, (await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("good", "x"))).Code);
        Assert.Equal(403, (await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("bad", "x"))).Code);

        var change = """[{"op":"replace","path":"/webhooks/0/matchConditions/0/expression","value":"object.metadata.name == 'nobody'"}]""";
        Assert.Equal(200, (await server.SendAsync(HttpMethod.Patch, $"{WebhookServer.Configurations("Validating")}/test", change, "application/json-patch+json")).Code);
        Assert.Equal(201, (await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("bad", "x"))).Code);
    }

    [Fact]
    public async Task A_webhook_is_told_of_the_namespaces_and_objects_that_it_selects()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static _ => WebhookServer.Denied("no");
        await hook.ConfigureAsync(
            server, "Validating", WebhookServer.Rule("", "configmaps"),
            """{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"default"}},"objectSelector":{"matchLabels":{"judge":"me"}}}""");
        const string labelled = """{"metadata":{"name":"x","labels":{"judge":"me"}}}""";

        Assert.Equal(403, (await server.SendAsync(HttpMethod.Post, ConfigMaps, labelled)).Code);
        Assert.Equal(201, (await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/kube-system/configmaps", labelled)).Code);
        Assert.Equal(201, (await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("y", "x"))).Code);
    }

    [Fact]
    public async Task A_webhook_behind_a_service_is_known_by_the_services_name()
    {
        await using var server = await TestServer.StartAsync();
        await using var hook = await WebhookServer.StartAsync();
        hook.Answer = static _ => new JsonObject { ["allowed"] = true, ["warnings"] = new JsonArray("think again") };
        await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", """{"metadata":{"name":"hook"},"spec":{"type":"ExternalName","externalName":"localhost"}}""");
        await hook.ConfigureAsync(
            server, "Validating", WebhookServer.Rule("", "configmaps"),
            $$"""{"clientConfig":{"caBundle":"{{hook.Authority}}","service":{"namespace":"default","name":"hook","port":{{hook.Port}},"path":"/judge"} } }""");

        Assert.Equal(201, (await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("one", "x"))).Code);
        Assert.Equal("/judge?timeout=10s", (string)Assert.Single(hook.Asked)["path"]!);
    }

    private static string ConfigMap(string name, string key) => $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"},"data":{"{{{key}}}":"x"} }""";
}
