using Kybernet.Api.Core.V1;
using Kybernet.Client;

namespace Kybernet.ApiServer.Tests.Hosting;

public sealed class VerbTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    private static string ConfigMap(string name, string value = "1", string metadata = "") =>
        $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"{{{metadata}}} },"data":{"key":"{{{value}}}"}}""";

    [Fact]
    public async Task What_is_created_can_be_read_listed_and_deleted()
    {
        await using var server = await TestServer.StartAsync();

        var (created, item) = await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("a"));
        var (read, same) = await server.SendAsync(HttpMethod.Get, $"{ConfigMaps}/a");
        var (listed, list) = await server.SendAsync(HttpMethod.Get, ConfigMaps);
        var (deleted, status) = await server.SendAsync(HttpMethod.Delete, $"{ConfigMaps}/a");
        var (gone, _) = await server.SendAsync(HttpMethod.Get, $"{ConfigMaps}/a");

        Assert.Equal((201, 200, 200, 200, 404), (created, read, listed, deleted, gone));
        Assert.Equal(item!.ToJsonString(), same!.ToJsonString());
        Assert.NotEmpty((string)item["metadata"]!["resourceVersion"]!);
        Assert.NotEmpty((string)item["metadata"]!["uid"]!);
        Assert.Equal("ConfigMapList", (string)list!["kind"]!);
        Assert.Single(list["items"]!.AsArray());
        Assert.Equal("Success", (string)status!["status"]!);
    }

    [Fact]
    public async Task A_second_object_of_a_name_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("a"));

        var (code, status) = await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("a"));

        Assert.Equal(409, code);
        Assert.Equal("AlreadyExists", (string)status!["reason"]!);
        Assert.Equal("configmaps \"a\" already exists", (string)status["message"]!);
    }

    [Fact]
    public async Task An_update_from_an_old_revision_is_refused_and_one_without_a_revision_is_not()
    {
        await using var server = await TestServer.StartAsync();
        var (_, first) = await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("a"));
        await server.SendAsync(HttpMethod.Put, $"{ConfigMaps}/a", ConfigMap("a", "2"));

        var revision = $",\"resourceVersion\":\"{first!["metadata"]!["resourceVersion"]}\"";
        var (stale, status) = await server.SendAsync(HttpMethod.Put, $"{ConfigMaps}/a", ConfigMap("a", "3", revision));
        var (free, after) = await server.SendAsync(HttpMethod.Put, $"{ConfigMaps}/a", ConfigMap("a", "3"));

        Assert.Equal((409, 200), (stale, free));
        Assert.Equal(
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again",
            (string)status!["message"]!);
        Assert.Equal("3", (string)after!["data"]!["key"]!);
    }

    [Fact]
    public async Task A_write_that_changes_nothing_makes_no_revision()
    {
        await using var server = await TestServer.StartAsync();
        var (_, first) = await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("a"));

        var (_, second) = await server.SendAsync(HttpMethod.Put, $"{ConfigMaps}/a", ConfigMap("a"));

        Assert.Equal(first!.ToJsonString(), second!.ToJsonString());
    }

    [Theory]
    [InlineData("application/merge-patch+json", """{"data":{"other":"x"}}""")]
    [InlineData("application/strategic-merge-patch+json", """{"data":{"other":"x"}}""")]
    [InlineData("application/json-patch+json", """[{"op":"add","path":"/data/other","value":"x"}]""")]
    public async Task Each_kind_of_patch_changes_what_it_names_and_leaves_the_rest(string type, string patch)
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("a"));

        var (code, item) = await server.SendAsync(HttpMethod.Patch, $"{ConfigMaps}/a", patch, type);

        Assert.Equal(200, code);
        Assert.Equal(("1", "x"), ((string)item!["data"]!["key"]!, (string)item["data"]!["other"]!));
    }

    [Fact]
    public async Task A_dry_run_answers_as_if_and_stores_nothing()
    {
        await using var server = await TestServer.StartAsync();

        var (code, item) = await server.SendAsync(HttpMethod.Post, $"{ConfigMaps}?dryRun=All", ConfigMap("a"));
        var (read, _) = await server.SendAsync(HttpMethod.Get, $"{ConfigMaps}/a");

        Assert.Equal((201, 404), (code, read));
        Assert.Equal("a", (string)item!["metadata"]!["name"]!);
    }

    [Fact]
    public async Task A_finalizer_holds_a_deleted_object_until_it_is_taken_away()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("a", metadata: ",\"finalizers\":[\"example.com/hold\"]"));

        var (_, marked) = await server.SendAsync(HttpMethod.Delete, $"{ConfigMaps}/a");
        var (held, _) = await server.SendAsync(HttpMethod.Get, $"{ConfigMaps}/a");
        await server.SendAsync(HttpMethod.Patch, $"{ConfigMaps}/a", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
        var (gone, _) = await server.SendAsync(HttpMethod.Get, $"{ConfigMaps}/a");

        Assert.Equal((200, 404), (held, gone));
        Assert.NotNull(marked!["metadata"]!["deletionTimestamp"]);
    }

    [Fact]
    public async Task Pages_of_a_list_are_of_one_revision_though_the_world_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var name in (string[])["a", "b", "c"])
        {
            await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap(name));
        }

        var (_, first) = await server.SendAsync(HttpMethod.Get, $"{ConfigMaps}?limit=2");
        await server.SendAsync(HttpMethod.Delete, $"{ConfigMaps}/c");
        await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("d"));
        var (_, second) = await server.SendAsync(HttpMethod.Get, $"{ConfigMaps}?limit=2&continue={first!["metadata"]!["continue"]}");

        Assert.Equal(["a", "b"], first["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!));
        Assert.Equal(1, (int)first["metadata"]!["remainingItemCount"]!);
        Assert.Equal(["c"], second!["items"]!.AsArray().Select(item => (string)item!["metadata"]!["name"]!));
        Assert.Equal((string)first["metadata"]!["resourceVersion"]!, (string)second["metadata"]!["resourceVersion"]!);
    }

    [Fact]
    public async Task A_watch_sends_what_is_there_and_then_every_change_in_order()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, ConfigMaps, ConfigMap("a"));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        await using var watch = server.Admin.WatchAsync(new ApiCall(HttpMethod.Get, $"{ConfigMaps}?watch=true"), deadline.Token)
            .GetAsyncEnumerator(deadline.Token);

        Assert.True(await watch.MoveNextAsync());
        Assert.Equal((ObjectEventType.Added, "a"), (watch.Current.Type, watch.Current.Object.Key.Name));
        await server.SendAsync(HttpMethod.Put, $"{ConfigMaps}/a", ConfigMap("a", "2"));
        await server.SendAsync(HttpMethod.Delete, $"{ConfigMaps}/a");
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal((ObjectEventType.Modified, "2"), (watch.Current.Type, watch.Current.Object.As<ConfigMap>().Data["key"]));
        var modified = long.Parse(watch.Current.Object.Header.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal(ObjectEventType.Deleted, watch.Current.Type);
        Assert.True(long.Parse(watch.Current.Object.Header.ResourceVersion, System.Globalization.CultureInfo.InvariantCulture) > modified);
    }

    [Theory]
    [InlineData("{", 400)]
    [InlineData("""{"kind":"Pod","apiVersion":"v1"}""", 400)]
    [InlineData("""{"metadata":{"name":"Not A Name"}}""", 422)]
    [InlineData("""{"metadata":{"name":"a"},"data":[]}""", 400)]
    [InlineData("""{"metadata":{"name":"a","namespace":"other"}}""", 400)]
    public async Task Bad_input_gets_a_Status_that_says_what_is_wrong(string body, int expected)
    {
        await using var server = await TestServer.StartAsync();

        var (code, status) = await server.SendAsync(HttpMethod.Post, ConfigMaps, body);

        Assert.Equal(expected, code);
        Assert.Equal("Status", (string)status!["kind"]!);
        Assert.NotEmpty((string)status["message"]!);
    }

    [Fact]
    public async Task A_body_may_be_YAML_and_malformed_YAML_is_refused()
    {
        await using var server = await TestServer.StartAsync();

        var (created, item) = await server.SendAsync(HttpMethod.Post, ConfigMaps, "metadata:\n  name: a\ndata:\n  key: '1'\n", "application/yaml");
        var (refused, status) = await server.SendAsync(HttpMethod.Post, ConfigMaps, "metadata: {name: b", "application/yaml");

        Assert.Equal((201, 400), (created, refused));
        Assert.Equal("1", (string)item!["data"]!["key"]!);
        Assert.StartsWith("error converting YAML to JSON", (string)status!["message"]!);
    }

    [Fact]
    public async Task Nesting_ten_thousand_deep_is_refused_and_the_server_goes_on()
    {
        await using var server = await TestServer.StartAsync();
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000);

        var (code, status) = await server.SendAsync(HttpMethod.Post, ConfigMaps, $"{{\"metadata\":{deep}}}");
        var (after, _) = await server.SendAsync(HttpMethod.Get, ConfigMaps);

        Assert.Equal((400, 200), (code, after));
        Assert.Equal("BadRequest", (string)status!["reason"]!);
    }

    [Fact]
    public async Task An_unknown_field_is_warned_of_and_under_strict_validation_refused()
    {
        await using var server = await TestServer.StartAsync();
        const string Body = """{"metadata":{"name":"a"},"dta":{}}""";

        var (loose, item) = await server.SendAsync(HttpMethod.Post, $"{ConfigMaps}?dryRun=All", Body);
        var (strict, status) = await server.SendAsync(HttpMethod.Post, $"{ConfigMaps}?fieldValidation=Strict", Body);

        Assert.Equal((201, 400), (loose, strict));
        Assert.Null(item!["dta"]);
        Assert.Contains("strict decoding error: unknown field \"dta\"", (string)status!["message"]!);
    }

    [Fact]
    public async Task An_unknown_resource_is_not_found()
    {
        await using var server = await TestServer.StartAsync();

        var (code, status) = await server.SendAsync(HttpMethod.Get, "/apis/example.com/v1/widgets");

        Assert.Equal(404, code);
        Assert.Equal("the server could not find the requested resource", (string)status!["message"]!);
    }
}
