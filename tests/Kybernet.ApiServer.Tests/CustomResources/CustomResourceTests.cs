using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Apiextensions.V1;
using Kybernet.ApiServer.CustomResources;
using Kybernet.ApiServer.Tests.Hosting;
using Kybernet.Client;
using static Kybernet.ApiServer.Tests.CustomResources.Definitions;

namespace Kybernet.ApiServer.Tests.CustomResources;

public sealed class CustomResourceTests
{
    private const string Free = """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""";

    [Fact]
    [Trait("Conformance", "custom-resource-definition-create")]
    public async Task A_definition_makes_a_resource_that_is_served_like_any_other()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Free));

        var (created, item) = await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"size":1}"""));
        var (read, same) = await server.SendAsync(HttpMethod.Get, $"{Widgets}/a");
        var (patched, after) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"spec":{"size":2}}""", "application/merge-patch+json");
        var (listed, list) = await server.SendAsync(HttpMethod.Get, "/apis/example.com/v1/widgets");
        var (deleted, _) = await server.SendAsync(HttpMethod.Delete, $"{Widgets}/a");
        var (gone, status) = await server.SendAsync(HttpMethod.Get, $"{Widgets}/a");

        Assert.Equal((201, 200, 200, 200, 200, 404), (created, read, patched, listed, deleted, gone));
        Assert.Equal(item!.ToJsonString(), same!.ToJsonString());
        Assert.Equal((2, 2), ((int)after!["spec"]!["size"]!, (int)after["metadata"]!["generation"]!));
        Assert.Equal("WidgetList", (string)list!["kind"]!);
        Assert.Single(list["items"]!.AsArray());
        Assert.Equal("widgets.example.com \"a\" not found", (string)status!["message"]!);
    }

    [Fact]
    [Trait("Conformance", "custom-resource-definition-discovery")]
    public async Task Discovery_and_OpenAPI_tell_of_it_from_then_on()
    {
        await using var server = await TestServer.StartAsync();
        var (before, _) = await server.SendAsync(HttpMethod.Get, "/apis/example.com");
        await server.EstablishAsync(Widget(Spec("\"size\":{\"type\":\"integer\",\"description\":\"How large it is.\"}")));

        var (_, groups) = await server.SendAsync(HttpMethod.Get, "/apis");
        var (_, resources) = await server.SendAsync(HttpMethod.Get, "/apis/example.com/v1");
        var (_, own) = await server.SendAsync(HttpMethod.Get, "/apis/apiextensions.k8s.io/v1");
        var (_, index) = await server.SendAsync(HttpMethod.Get, "/openapi/v3");
        var (_, v3) = await server.SendAsync(HttpMethod.Get, "/openapi/v3/apis/example.com/v1");
        var (_, v2) = await server.SendAsync(HttpMethod.Get, "/openapi/v2");

        Assert.Equal(404, before);
        Assert.Contains(groups!["groups"]!.AsArray(), static group => (string?)group!["name"] == "example.com");
        var widget = resources!["resources"]![0]!;
        Assert.Equal(("widgets", "widget", "Widget", "wd"), ((string)widget["name"]!, (string)widget["singularName"]!, (string)widget["kind"]!, (string)widget["shortNames"]![0]!));
        Assert.Contains(own!["resources"]!.AsArray(), static resource => (string?)resource!["name"] == "customresourcedefinitions");
        Assert.NotNull(index!["paths"]!["apis/example.com/v1"]);
        var schema = v3!["components"]!["schemas"]!["com.example.v1.Widget"]!;
        Assert.Equal("How large it is.", (string)schema["properties"]!["spec"]!["properties"]!["size"]!["description"]!);
        Assert.NotNull(v3["paths"]!["/apis/example.com/v1/namespaces/{namespace}/widgets/{name}"]);
        Assert.NotNull(v2!["definitions"]!["com.example.v1.WidgetList"]);
    }

    [Fact]
    public async Task Status_is_written_apart_where_the_definition_says_so()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(
            Spec("\"size\":{\"type\":\"integer\"}"), static item => item["spec"]!["versions"]![0]!["subresources"] = new JsonObject { ["status"] = new JsonObject() }));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"size":1},"status":{"ready":true}"""));

        var (_, created) = await server.SendAsync(HttpMethod.Get, $"{Widgets}/a");
        var (_, ignored) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"status":{"ready":true}}""", "application/merge-patch+json");
        var (_, after) = await server.SendAsync(
            HttpMethod.Patch, $"{Widgets}/a/status", """{"spec":{"size":5},"status":{"ready":true}}""", "application/merge-patch+json");

        Assert.Null(created!["status"]);
        Assert.Null(ignored!["status"]);
        Assert.Equal((true, 1, 1), ((bool)after!["status"]!["ready"]!, (int)after["spec"]!["size"]!, (int)after["metadata"]!["generation"]!));
    }

    [Fact]
    public async Task Its_scale_is_where_the_definition_says()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Free, static item => item["spec"]!["versions"]![0]!["subresources"] = JsonNode.Parse(
            """{"status":{},"scale":{"specReplicasPath":".spec.count","statusReplicasPath":".status.count","labelSelectorPath":".status.selector"}}""")));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"count":3}"""));
        await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a/status", """{"status":{"count":2,"selector":"a=b"}}""", "application/merge-patch+json");

        var (_, scale) = await server.SendAsync(HttpMethod.Get, $"{Widgets}/a/scale");
        var (code, _) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a/scale", """{"spec":{"replicas":7}}""", "application/merge-patch+json");
        var (_, after) = await server.SendAsync(HttpMethod.Get, $"{Widgets}/a");

        Assert.Equal((3, 2, "a=b"), ((int)scale!["spec"]!["replicas"]!, (int)scale["status"]!["replicas"]!, (string)scale["status"]!["selector"]!));
        Assert.Equal((200, 7), (code, (int)after!["spec"]!["count"]!));
    }

    [Fact]
    public async Task Unknown_fields_are_pruned_except_where_the_schema_keeps_them()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec(
            """
            "known":{"type":"string"},
            "open":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"strict":{"type":"object","properties":{"a":{"type":"integer"}}}}},
            "map":{"type":"object","additionalProperties":{"type":"object","properties":{"a":{"type":"integer"}}}},
            "part":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true}
            """)));

        var (code, item) = await server.SendAsync(HttpMethod.Post, Widgets, Object(
            "a",
            """{"known":"k","x":1,"open":{"y":2,"strict":{"a":1,"z":3}},"map":{"one":{"a":1,"b":2}},"part":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","nope":1},"spec":{}}}"""));
        var (strict, status) = await server.SendAsync(HttpMethod.Post, $"{Widgets}?fieldValidation=Strict", Object("b", """{"x":1}"""));

        Assert.Equal(201, code);
        Assert.Equal(
            """{"known":"k","open":{"y":2,"strict":{"a":1}},"map":{"one":{"a":1}},"part":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{}}}""",
            item!["spec"]!.ToJsonString());
        Assert.Equal(400, strict);
        Assert.Contains("strict decoding error: unknown field \"spec.x\"", (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "custom-resource-definition-defaulting")]
    public async Task Defaults_are_set_on_requests_and_on_what_was_stored_before_there_were_any()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec("\"size\":{\"type\":\"integer\"},\"name\":{\"type\":\"string\",\"nullable\":true}")));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("old", "{}"));
        var path = $"{Crds}/widgets.example.com";
        await server.SendAsync(
            HttpMethod.Patch,
            path,
            """[{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/size/default","value":3},{"op":"add","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/name/default","value":"n"}]""",
            "application/json-patch+json");

        var (_, old) = await server.SendAsync(HttpMethod.Get, $"{Widgets}/old");
        var (_, fresh) = await server.SendAsync(HttpMethod.Post, Widgets, Object("new", """{"size":null,"name":null}"""));

        Assert.Equal("""{"name":"n","size":3}""", Sorted(old!["spec"]!));
        Assert.Equal("""{"name":null,"size":3}""", Sorted(fresh!["spec"]!));
    }

    [Fact]
    public async Task Several_versions_show_the_same_objects()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Free, static item =>
        {
            var second = item["spec"]!["versions"]![0]!.DeepClone();
            (second["name"], second["storage"]) = ("v2", false);
            item["spec"]!["versions"]!.AsArray().Add(second);
        }));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"size":1}"""));

        var (_, second) = await server.SendAsync(HttpMethod.Get, Widgets.Replace("/v1/", "/v2/", StringComparison.Ordinal) + "/a");
        var (_, group) = await server.SendAsync(HttpMethod.Get, "/apis/example.com");

        Assert.Equal(("example.com/v2", 1), ((string)second!["apiVersion"]!, (int)second["spec"]!["size"]!));
        Assert.Equal("v2", (string)group!["preferredVersion"]!["version"]!);
    }

    [Fact]
    [Trait("Conformance", "custom-resource-definition-watch")]
    public async Task Its_objects_can_be_watched()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Free));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        var (_, list) = await server.SendAsync(HttpMethod.Get, Widgets);
        var events = server.Admin.WatchAsync(
            new ApiCall(HttpMethod.Get, $"{Widgets}?watch=true&resourceVersion={list!["metadata"]!["resourceVersion"]}"), deadline.Token).GetAsyncEnumerator(deadline.Token);
        await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"size":1}"""));
        await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", """{"spec":{"size":2}}""", "application/merge-patch+json");
        await server.SendAsync(HttpMethod.Delete, $"{Widgets}/a");

        var seen = new List<string>();
        while (seen.Count < 3 && await events.MoveNextAsync())
        {
            seen.Add(events.Current.Type.ToString());
        }
        await events.DisposeAsync();

        Assert.Equal(["Added", "Modified", "Deleted"], seen);
    }

    [Fact]
    public void Its_table_has_the_columns_of_the_definition()
    {
        var table = CustomResourceTable.Build(
        [
            new CustomResourceColumnDefinition { Name = "Size", Type = "integer", JsonPath = ".spec.size" },
            new CustomResourceColumnDefinition { Name = "Ready", Type = "string", JsonPath = ".status.conditions[?(@.type==\"Ready\")].status", Priority = 1 },
            new CustomResourceColumnDefinition { Name = "Age", Type = "date", JsonPath = ".metadata.creationTimestamp" },
            new CustomResourceColumnDefinition { Name = "None", Type = "string", JsonPath = ".spec.none" },
        ]);
        var item = EncodedObject.Parse(
            """{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a","creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"size":4},"status":{"conditions":[{"type":"Old","status":"False"},{"type":"Ready","status":"True"}]}}"""u8.ToArray());

        var cells = table.Cells(item, new DateTimeOffset(2026, 1, 1, 0, 5, 0, TimeSpan.Zero));

        Assert.Equal(["Name", "Size", "Ready", "Age", "None"], table.Columns.Select(static column => column.Name));
        Assert.Equal(["a", 4L, "True", "5m", null], cells);
    }

    [Fact]
    [Trait("Conformance", "custom-resource-definition-field-selectors-list-watch-register-informers")]
    public async Task Objects_are_selected_by_the_fields_of_the_definition()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Spec("\"color\":{\"type\":\"string\"}"), static item =>
        {
            var first = item["spec"]!["versions"]![0]!;
            first["selectableFields"] = JsonNode.Parse("""[{"jsonPath":".spec.color"}]""");
            var second = first.DeepClone();
            (second["name"], second["storage"]) = ("v2", false);
            item["spec"]!["versions"]!.AsArray().Add(second);
        }));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("a", """{"color":"red"}"""));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("b", """{"color":"blue"}"""));

        var (_, red) = await server.SendAsync(HttpMethod.Get, $"{Widgets}?fieldSelector=spec.color%3Dred");
        var (refused, _) = await server.SendAsync(HttpMethod.Get, $"{Widgets}?fieldSelector=spec.size%3D1");
        var (_, blue) = await server.SendAsync(
            HttpMethod.Get, Widgets.Replace("/v1/", "/v2/", StringComparison.Ordinal) + "?fieldSelector=spec.color%3Dblue");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        var events = server.Admin.WatchAsync(
            new ApiCall(HttpMethod.Get, $"{Widgets}?watch=true&resourceVersion=0&fieldSelector=spec.color%3Dblue"), deadline.Token).GetAsyncEnumerator(deadline.Token);
        Assert.True(await events.MoveNextAsync());
        var watched = events.Current.Object!.Key.Name;
        await events.DisposeAsync();

        Assert.Equal("b", watched);
        Assert.Equal("example.com/v2", (string)Assert.Single(blue!["items"]!.AsArray())!["apiVersion"]!);
        Assert.Equal("a", (string)Assert.Single(red!["items"]!.AsArray())!["metadata"]!["name"]!);
        Assert.Equal(400, refused);
    }

    [Fact]
    public async Task A_strategic_merge_patch_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Widget(Free));
        await server.SendAsync(HttpMethod.Post, Widgets, Object("a", "{}"));

        var (code, _) = await server.SendAsync(HttpMethod.Patch, $"{Widgets}/a", "{}", "application/strategic-merge-patch+json");

        Assert.Equal(415, code);
    }

    private static string Sorted(JsonNode item) =>
        new JsonObject(item.AsObject().OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone()))).ToJsonString();
}
