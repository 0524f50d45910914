using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Kybernet.ApiServer.Tests.Audit;

public sealed class AuditLogTests
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private const string Everything = """[{"level":"RequestResponse"}]""";

    [Fact]
    public async Task A_request_is_recorded_as_it_comes_in_and_as_it_is_answered()
    {
        await using var audited = await AuditedServer.StartAsync(Everything);

        using var response = await audited.SendAsync(
            "one", HttpMethod.Post, ConfigMaps + "?fieldManager=me", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"b"}}""", "application/json",
            ("User-Agent", "tester/1"), ("X-Forwarded-For", "10.1.2.3, bad"));
        var events = await audited.EventsAsync("one", 2);

        Assert.Equal(["one"], response.Headers.GetValues("Audit-Id"));
        Assert.Equal(["RequestReceived", "ResponseComplete"], events.Select(static item => (string)item["stage"]!));
        Assert.Null(events[0]["responseStatus"]);
        var done = events[1];
        Assert.Equal(
            ["kind", "apiVersion", "level", "auditID", "stage", "requestURI", "verb", "user", "sourceIPs", "userAgent", "objectRef", "responseStatus", "requestObject", "responseObject", "requestReceivedTimestamp", "stageTimestamp", "annotations"],
            done.Select(static field => field.Key));
        Assert.Equal(("Event", "audit.k8s.io/v1", "RequestResponse"), ((string)done["kind"]!, (string)done["apiVersion"]!, (string)done["level"]!));
        Assert.Equal((ConfigMaps + "?fieldManager=me", "create", "tester/1"), ((string)done["requestURI"]!, (string)done["verb"]!, (string)done["userAgent"]!));
        Assert.Equal("""["10.1.2.3","127.0.0.1"]""", done["sourceIPs"]!.ToJsonString());
        Assert.Equal("""{"resource":"configmaps","namespace":"default","name":"c","apiVersion":"v1"}""", done["objectRef"]!.ToJsonString());
        Assert.Equal("""{"metadata":{},"code":201}""", done["responseStatus"]!.ToJsonString());
        Assert.Equal(("admin", "b", "default"), ((string)done["user"]!["username"]!, (string)done["requestObject"]!["data"]!["a"]!, (string)done["responseObject"]!["metadata"]!["namespace"]!));
        Assert.Equal("allow", (string)done["annotations"]!["authorization.k8s.io/decision"]!);
        Assert.Matches(new Regex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"), (string)done["stageTimestamp"]!);
    }

    [Theory]
    [InlineData("""[{"level":"Metadata"}]""", false, false)]
    [InlineData("""[{"level":"Request"}]""", true, false)]
    [InlineData("""[{"level":"RequestResponse"}]""", true, true)]
    public async Task The_level_says_what_is_recorded_of_a_Secret(string rules, bool hasRequest, bool hasResponse)
    {
        await using var audited = await AuditedServer.StartAsync(rules);

        using var response = await audited.SendAsync("s", HttpMethod.Post, "/api/v1/namespaces/default/secrets", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"a":"hidden"}}""");
        var done = (await audited.EventsAsync("s", 2))[1];

        Assert.Equal((hasRequest, hasResponse), (done["requestObject"] is not null, done["responseObject"] is not null));
        Assert.Equal("s", (string)done["objectRef"]!["name"]!);
        Assert.Equal(hasRequest, (await File.ReadAllTextAsync(audited.Log, TestContext.Current.CancellationToken)).Contains("hidden", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_refused_is_recorded_with_the_reason_and_who_is_impersonated()
    {
        await using var audited = await AuditedServer.StartAsync("""[{"level":"Metadata","omitStages":["RequestReceived"]}]""");

        using var forbidden = await audited.SendAsync("refused", HttpMethod.Get, "/api/v1/nodes", headers: [("Impersonate-User", "jane"), ("Impersonate-Group", "dev")]);
        var item = Assert.Single(await audited.EventsAsync("refused", 1));

        Assert.Equal("""{"username":"jane","groups":["dev","system:authenticated"]}""", item["impersonatedUser"]!.ToJsonString());
        Assert.Equal("admin", (string)item["user"]!["username"]!);
        Assert.Equal("forbid", (string)item["annotations"]!["authorization.k8s.io/decision"]!);
        Assert.Equal((403, "Forbidden", "Failure"), ((int)item["responseStatus"]!["code"]!, (string)item["responseStatus"]!["reason"]!, (string)item["responseStatus"]!["status"]!));
        Assert.Contains("nodes is forbidden: User \"jane\" cannot list", (string)item["responseStatus"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_is_recorded_as_it_begins_and_as_it_ends()
    {
        await using var audited = await AuditedServer.StartAsync(Everything);

        using (await audited.SendAsync("watch", HttpMethod.Get, ConfigMaps + "?watch=true&timeoutSeconds=1"))
        {
            var begun = await audited.EventsAsync("watch", 2);
            Assert.Equal(["RequestReceived", "ResponseStarted"], begun.Take(2).Select(static item => (string)item["stage"]!));
        }
        var ended = await audited.EventsAsync("watch", 3);

        Assert.Equal(("ResponseComplete", 200), ((string)ended[2]["stage"]!, (int)ended[2]["responseStatus"]!["code"]!));
    }

    [Fact]
    public async Task Managed_fields_are_left_out_where_the_policy_says_so()
    {
        await using var audited = await AuditedServer.StartAsync("""[{"level":"RequestResponse","omitManagedFields":true,"omitStages":["RequestReceived"]}]""");

        using var made = await audited.SendAsync("made", HttpMethod.Post, ConfigMaps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}""");
        using var listed = await audited.SendAsync("listed", HttpMethod.Get, ConfigMaps);

        Assert.Equal("c", (string)Assert.Single(await audited.EventsAsync("made", 1))["responseObject"]!["metadata"]!["name"]!);
        Assert.NotEmpty(Assert.Single(await audited.EventsAsync("listed", 1))["responseObject"]!["items"]!.AsArray());
        Assert.DoesNotContain("managedFields", await File.ReadAllTextAsync(audited.Log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_no_rule_is_about_is_not_recorded_and_known_all_the_same()
    {
        await using var audited = await AuditedServer.StartAsync("""[{"level":"None","nonResourceURLs":["/version"]},{"level":"Metadata"}]""");

        using var version = await audited.SendAsync("version", HttpMethod.Get, "/version");
        using var other = await audited.SendAsync("other", HttpMethod.Get, "/api");
        await audited.EventsAsync("other", 2);

        Assert.Equal(["version"], version.Headers.GetValues("Audit-Id"));
        Assert.DoesNotContain("\"version\"", await File.ReadAllTextAsync(audited.Log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_for_people_have_upstreams_form()
    {
        await using var audited = await AuditedServer.StartAsync("""[{"level":"Metadata","users":["admin"]}]""", new() { ["--audit-log-format"] = "legacy" });

        using var response = await audited.SendAsync("line", HttpMethod.Get, ConfigMaps, headers: ("User-Agent", "tester/1"));
        var lines = await Eventually.HasAsync(audited.Lines, 2);

        Assert.Matches(
            new Regex("""^\S+ AUDIT: id="line" stage="ResponseComplete" ip="127.0.0.1" method="list" user="admin" groups="\\"system:masters\\",\\"system:authenticated\\"" as="<self>" asgroups="<lookup>" user-agent="tester/1" namespace="default" uri="/api/v1/namespaces/default/configmaps" response="200"$"""),
            lines[1]);
    }

    [Fact]
    public async Task A_file_that_has_become_large_is_followed_by_another_and_the_oldest_go()
    {
        await using var audited = await AuditedServer.StartAsync(
            """[{"level":"Request","users":["admin"],"omitStages":["RequestReceived"]}]""", new() { ["--audit-log-maxsize"] = "1", ["--audit-log-maxbackup"] = "1" });
        var body = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "c" }, ["data"] = new JsonObject { ["a"] = new string('x', 600_000) } };

        for (var i = 0; i < 6; i++)
        {
            using var response = await audited.SendAsync($"r{i}", HttpMethod.Post, ConfigMaps + "?dryRun=All", body.ToJsonString());
            Assert.Equal(201, (int)response.StatusCode);
            await audited.EventsAsync($"r{i}", 1);
        }

        var files = Directory.GetFiles(audited.Folder, "audit*.log");
        Assert.Equal(2, files.Length);
        Assert.All(files, static file => Assert.True(new FileInfo(file).Length < 1 << 20));
    }

    [Theory]
    [InlineData("--audit-log-format", "xml")]
    [InlineData("--audit-log-mode", "sometimes")]
    [InlineData("--audit-webhook-batch-max-size", "0")]
    [InlineData("--audit-webhook-config-file", "/nonexistent")]
    [InlineData("--audit-policy-file", "/nonexistent")]
    public void Flags_that_make_no_sense_are_refused(string name, string value) => Assert.ThrowsAny<FormatException>(
        () => Kybernet.ApiServer.Hosting.ApiServerFlags.Apply(new Kybernet.ApiServer.Hosting.ApiServerOptions { ServiceAccountKeyPem = "" }, [KeyValuePair.Create(name, value)]));
}
