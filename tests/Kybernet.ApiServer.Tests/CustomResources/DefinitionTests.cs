using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;
using static Kybernet.ApiServer.Tests.CustomResources.Definitions;

namespace Kybernet.ApiServer.Tests.CustomResources;

public sealed class DefinitionTests
{
    private const string Free = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""";

    [Fact]
    [Trait("Conformance", "custom-resource-definition-list")]
    public async Task Definitions_are_listed_and_deleted_by_label()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Free));
        foreach (var plural in (string[])["as", "bs"])
        {
            await server.EstablishAsync(Widget(Free, item =>
            {
                item["metadata"] = JsonNode.Parse($$$"""{"name":"{{{plural}}}.example.com","labels":{"test":"yes"}}""");
                item["spec"]!["names"] = JsonNode.Parse($$$"""{"plural":"{{{plural}}}","kind":"{{{plural.ToUpperInvariant()}}}"}""");
            }));
        }

        var (_, listed) = await server.SendAsync(HttpMethod.Get, $"{Crds}?labelSelector=test%3Dyes");
        await server.SendAsync(HttpMethod.Delete, $"{Crds}?labelSelector=test%3Dyes");
        var left = await server.WaitAsync(Crds, static list => list!["items"]!.AsArray().Count == 1);

        Assert.Equal(2, listed!["items"]!.AsArray().Count);
        Assert.Equal("widgets.example.com", (string)left!["items"]![0]!["metadata"]!["name"]!);
    }

    [Fact]
    [Trait("Conformance", "custom-resource-definition-status-sub-resource")]
    public async Task A_definitions_status_can_be_read_replaced_and_patched()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Free));
        var path = $"{Crds}/widgets.example.com/status";
        const string Condition = """{"type":"Custom","status":"True","reason":"Why","message":"because"}""";

        var (patched, _) = await server.SendAsync(
            HttpMethod.Patch, path, $$"""[{"op":"add","path":"/status/conditions/-","value":{{Condition}}}]""", "application/json-patch+json");
        var (_, item) = await server.SendAsync(HttpMethod.Get, path);
        item!["status"]!["conditions"]!.AsArray().First(static condition => (string?)condition!["type"] == "Custom")!["message"] = "changed";
        var (replaced, after) = await server.SendAsync(HttpMethod.Put, path, item.ToJsonString());

        Assert.Equal((200, 200), (patched, replaced));
        Assert.Contains("changed", after!["status"]!["conditions"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleting_a_definition_deletes_its_objects_first()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Free));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("a", "{}"));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("held", "{}"));
        await server.SendAsync(HttpMethod.Patch, $"{Widgets}/held", """{"metadata":{"finalizers":["example.com/hold"]}}""", "application/merge-patch+json");

        await server.SendAsync(HttpMethod.Delete, $"{Crds}/widgets.example.com");
        var waiting = await server.WaitAsync($"{Crds}/widgets.example.com", static item => Condition(item, "Terminating") == "True");
        await server.WaitAsync($"{Widgets}/a", static item => item is null);
        var (refused, _) = await server.SendAsync(HttpMethod.Post, Widgets, Object("late", "{}"));
        await server.SendAsync(HttpMethod.Patch, $"{Widgets}/held", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
        await server.WaitAsync($"{Crds}/widgets.example.com", static item => item is null);
        var (gone, _) = await server.SendAsync(HttpMethod.Get, Widgets);

        Assert.Equal("customresourcecleanup.apiextensions.k8s.io", (string)waiting!["metadata"]!["finalizers"]![0]!);
        Assert.Equal((405, 404), (refused, gone));
    }

    [Fact]
    public async Task After_a_restart_custom_resources_are_served_as_before()
    {
        var directory = Directory.CreateTempSubdirectory("kybernet-crd-");
        try
        {
            await using (var server = await TestServer.StartAsync(directory: directory.FullName))
            {
                await server.EstablishAsync(Widget(Free));
                await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"size":1}"""));
            }
            await using (var server = await TestServer.StartAsync(directory: directory.FullName))
            {
                var (code, item) = await server.SendAsync(HttpMethod.Get, $"{Widgets}/a");
                Assert.Equal((200, 1), (code, (int)item!["spec"]!["size"]!));
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_name_that_another_definition_has_is_not_accepted_until_that_one_goes()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Free));
        await server.SendAsync(HttpMethod.Post, Crds, Widget(Free, static item =>
        {
            item["metadata"]!["name"] = "others.example.com";
            item["spec"]!["names"]!["plural"] = "others";
        }).ToJsonString());

        var refused = await server.WaitAsync($"{Crds}/others.example.com", static item => Condition(item, "NamesAccepted") == "False");
        await server.SendAsync(HttpMethod.Delete, $"{Crds}/widgets.example.com");
        await server.WaitAsync($"{Crds}/others.example.com", static item => Condition(item, "Established") == "True");

        Assert.Equal("False", Condition(refused, "Established"));
        Assert.Equal("\"widget\" is already in use", (string)refused!["status"]!["conditions"]![0]!["message"]!);
    }

    [Fact]
    public async Task The_names_that_are_left_out_are_made_and_the_storage_version_is_remembered()
    {
        await using var server = await TestServer.StartAsync();
        var (_, item) = await server.SendAsync(HttpMethod.Post, Crds, Widget(Free).ToJsonString());

        Assert.Equal(("widget", "WidgetList", "None"), (
            (string)item!["spec"]!["names"]!["singular"]!, (string)item["spec"]!["names"]!["listKind"]!, (string)item["spec"]!["conversion"]!["strategy"]!));
        Assert.Equal("""["v1"]""", item["status"]!["storedVersions"]!.ToJsonString());
    }

    [Theory]
    [InlineData("/metadata/name", "\"other.example.com\"", "metadata.name: Invalid value: \"other.example.com\": must be spec.names.plural+\".\"+spec.group")]
    [InlineData("/spec/scope", "\"World\"", "spec.scope: Unsupported value: \"World\": supported values: \"Cluster\", \"Namespaced\"")]
    [InlineData("/spec/conversion", "{\"strategy\":\"Magic\"}", "spec.conversion.strategy: Unsupported value: \"Magic\": supported values: \"None\", \"Webhook\"")]
    [InlineData("/spec/conversion", "{\"strategy\":\"Webhook\"}", "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook")]
    [InlineData("/spec/conversion", "{\"strategy\":\"Webhook\"}", "spec.conversion.conversionReviewVersions: Required value")]
    [InlineData("/spec/conversion", "{\"strategy\":\"None\",\"webhook\":{\"clientConfig\":{\"url\":\"https://a.b/c\"},\"conversionReviewVersions\":[]}}", "spec.conversion.webhookClientConfig: Forbidden: should not be set when strategy is not set to Webhook")]
    [InlineData("/spec/versions/0/storage", "false", "spec.versions: Invalid value: \"\": must have exactly one version marked as storage version")]
    [InlineData("/spec/versions/0/schema", "{}", "spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required")]
    [InlineData("/spec/versions/0/schema/openAPIV3Schema", "{}", "spec.versions[0].schema.openAPIV3Schema.type: Required value: must not be empty at the root")]
    [InlineData(
        "/spec/versions/0/schema/openAPIV3Schema/properties",
        """{"spec":{}}""",
        "spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields")]
    [InlineData(
        "/spec/versions/0/schema/openAPIV3Schema/properties",
        """{"list":{"type":"array","x-kubernetes-list-type":"map","items":{"type":"object"}}}""",
        "spec.versions[0].schema.openAPIV3Schema.properties[list].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map")]
    [InlineData(
        "/spec/versions/0/schema/openAPIV3Schema/properties",
        """{"count":{"type":"integer","default":"many"}}""",
        "spec.versions[0].schema.openAPIV3Schema.properties[count].default: Invalid value: \"string\"")]
    [InlineData(
        "/spec/versions/0/schema/openAPIV3Schema/properties",
        """{"any":{"anyOf":[{"type":"string"}],"type":"object"}}""",
        "spec.versions[0].schema.openAPIV3Schema.properties[any].anyOf[0].type: Forbidden: must be empty to be structural")]
    public async Task What_is_wrong_with_a_definition_is_told(string pointer, string value, string message)
    {
        await using var server = await TestServer.StartAsync();
        var definition = Widget(Free);
        JsonNode parent = definition;
        var steps = pointer.Split('/');
        foreach (var step in steps[1..^1])
        {
            parent = parent is JsonArray list ? list[int.Parse(step, null)]! : parent[step]!;
        }
        parent[steps[^1]] = JsonNode.Parse(value);

        var (code, status) = await server.SendAsync(HttpMethod.Post, Crds, definition.ToJsonString());

        Assert.Equal(422, code);
        Assert.Contains(message, (string)status!["message"]!, StringComparison.Ordinal);
    }
}
