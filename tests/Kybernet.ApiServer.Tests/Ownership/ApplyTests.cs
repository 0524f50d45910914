using System.Text.Json.Nodes;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Tests.CustomResources;
using Kybernet.ApiServer.Tests.Hosting;
using Kybernet.Client;

namespace Kybernet.ApiServer.Tests.Ownership;

/// <summary>Server-side apply, and who has which fields.</summary>
public sealed class ApplyTests
{
    private const string Apply = "application/apply-patch+yaml";
    private const string Merge = "application/merge-patch+json";
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";

    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
          labels: {tier: front}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: main
                image: web:1
                env: [{name: A, value: "1"}]
        """;

    [Fact]
    public async Task Applying_makes_an_object_that_the_applier_has_the_given_fields_of()
    {
        await using var server = await TestServer.StartAsync();
        var (code, made) = await ApplyAsync(server, $"{Deployments}/web", "kim", Web);

        Assert.Equal(201, code);
        var entry = Assert.Single(made!["metadata"]!["managedFields"]!.AsArray())!;
        Assert.Equal(
            ("kim", "Apply", "apps/v1", "FieldsV1", null),
            ((string)entry["manager"]!, (string)entry["operation"]!, (string)entry["apiVersion"]!, (string)entry["fieldsType"]!, (string?)entry["subresource"]));
        Assert.Equal(
            """
            {"f:metadata":{"f:labels":{"f:tier":{}}},"f:spec":{"f:replicas":{},"f:selector":{},"f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"main\"}":{".":{},"f:env":{"k:{\"name\":\"A\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:name":{}}}}}}}
            """,
            Text(entry["fieldsV1"]!));
    }

    [Fact]
    public async Task Applying_the_same_again_changes_nothing_not_even_the_revision()
    {
        await using var server = await TestServer.StartAsync();
        var (_, made) = await ApplyAsync(server, $"{Deployments}/web", "kim", Web);

        var (code, again) = await ApplyAsync(server, $"{Deployments}/web", "kim", Web);

        Assert.Equal(200, code);
        Assert.Equal(made!.ToJsonString(), again!.ToJsonString());
    }

    [Fact]
    public async Task What_an_applier_no_longer_says_goes_and_defaults_come_back_and_what_others_have_stays()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, $"{Deployments}/web", "kim", Web);
        await ApplyAsync(
            server, $"{Deployments}/web", "lee",
            """{"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":{"containers":[{"name":"main","env":[{"name":"B","value":"2"}]},{"name":"side","image":"side:1"}]}}}}""");

        var (code, changed) = await ApplyAsync(
            server, $"{Deployments}/web", "kim", Web.Replace("  replicas: 2\n", "", StringComparison.Ordinal).Replace("        env: [{name: A, value: \"1\"}]", "", StringComparison.Ordinal));

        Assert.Equal(200, code);
        Assert.Equal(1, (int)changed!["spec"]!["replicas"]!);
        var containers = changed["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        Assert.Equal(["main", "side"], containers.Select(static container => (string)container!["name"]!));
        Assert.Equal("""[{"name":"B","value":"2"}]""", containers[0]!["env"]!.ToJsonString());
    }

    [Fact]
    public async Task A_field_that_another_has_is_a_conflict_until_it_is_forced_or_the_same_is_said()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, $"{Deployments}/web", "kim", Web);
        const string More = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":3}}""";

        var (code, refused) = await ApplyAsync(server, $"{Deployments}/web", "lee", More);

        Assert.Equal((409, "Conflict", "Apply failed with 1 conflict: conflict with \"kim\": .spec.replicas"), (code, (string)refused!["reason"]!, (string)refused["message"]!));
        var cause = Assert.Single(refused["details"]!["causes"]!.AsArray())!;
        Assert.Equal(("FieldManagerConflict", "conflict with \"kim\"", ".spec.replicas"), ((string)cause["reason"]!, (string)cause["message"]!, (string)cause["field"]!));
        var (shared, _) = await ApplyAsync(server, $"{Deployments}/web", "lee", More.Replace('3', '2'));
        Assert.Equal(200, shared);
        var (forced, taken) = await ApplyAsync(server, $"{Deployments}/web", "lee", More, "&force=true");
        Assert.Equal((200, 3), (forced, (int)taken!["spec"]!["replicas"]!));
        Assert.DoesNotContain("f:replicas", Fields(taken, "kim", "Apply"), StringComparison.Ordinal);
        Assert.Contains("f:replicas", Fields(taken, "lee", "Apply"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_conflicts_are_listed_by_who_has_the_fields()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, $"{Deployments}/web", "kim", Web);
        await server.SendAsync(HttpMethod.Patch, $"{Deployments}/web?fieldManager=lou", """{"metadata":{"labels":{"zone":"a"}}}""", Merge);

        var (code, refused) = await ApplyAsync(
            server, $"{Deployments}/web", "lee",
            """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"zone":"b"}},"spec":{"replicas":7,"template":{"spec":{"containers":[{"name":"main","image":"web:2"}]}}}}""");

        Assert.Equal(409, code);
        Assert.Equal(
            """
            Apply failed with 3 conflicts: conflicts with "kim":
            - .spec.replicas
            - .spec.template.spec.containers[name="main"].image
            conflicts with "lou" using apps/v1:
            - .metadata.labels.zone
            """.ReplaceLineEndings("\n"),
            (string)refused!["message"]!);
    }

    [Fact]
    public async Task An_update_takes_the_fields_that_it_changes_and_an_applier_loses_them()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, $"{Deployments}/web", "kim", Web);

        var (_, patched) = await server.SendAsync(HttpMethod.Patch, $"{Deployments}/web?fieldManager=lou", """{"spec":{"replicas":5,"paused":true}}""", Merge);
        var (_, scaled) = await server.SendAsync(HttpMethod.Patch, $"{Deployments}/web/scale?fieldManager=hpa", """{"spec":{"replicas":6}}""", Merge);
        var (_, seen) = await server.SendAsync(HttpMethod.Get, $"{Deployments}/web");

        Assert.Equal(6, (int)scaled!["spec"]!["replicas"]!);
        Assert.DoesNotContain("f:replicas", Fields(patched!, "kim", "Apply"), StringComparison.Ordinal);
        Assert.Equal("""{"f:spec":{"f:paused":{},"f:replicas":{}}}""", Fields(patched!, "lou", "Update"));
        Assert.Equal("""{"f:spec":{"f:paused":{}}}""", Fields(seen!, "lou", "Update"));
        Assert.Equal("""{"f:spec":{"f:replicas":{}}}""", Fields(seen!, "hpa", "Update"));
        Assert.Equal("scale", (string)Entry(seen!, "hpa", "Update")["subresource"]!);
    }

    [Fact]
    public async Task The_status_is_accounted_for_apart_and_only_by_those_who_write_it()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, $"{Deployments}/web", "kim", Web + "\nstatus: {replicas: 9}\n");
        const string Status = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":9},"status":{"replicas":4}}""";

        var (code, written) = await ApplyAsync(server, $"{Deployments}/web/status", "controller", Status);

        Assert.Equal((200, 4, 2), (code, (int)written!["status"]!["replicas"]!, (int)written["spec"]!["replicas"]!));
        Assert.Equal("""{"f:status":{"f:replicas":{}}}""", Fields(written, "controller", "Apply"));
        Assert.DoesNotContain("f:status", Fields(written, "kim", "Apply"), StringComparison.Ordinal);
        Assert.Equal(404, (await ApplyAsync(server, $"{Deployments}/none/status", "controller", Status.Replace("web", "none", StringComparison.Ordinal))).Code);
    }

    [Fact]
    public async Task An_object_made_by_an_update_is_its_makers_and_can_be_taken_over_from_kubectl_apply()
    {
        await using var server = await TestServer.StartAsync();
        const string Last = """{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"m\",\"namespace\":\"default\"},\"data\":{\"a\":\"1\",\"b\":\"1\"}}""";
        var (_, made) = await server.SendAsync(
            HttpMethod.Post, $"{Maps}?fieldManager=kubectl-client-side-apply",
            $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{{{Last}}}"}},"data":{"a":"1","b":"1"}}""");
        Assert.Equal(
            """{"f:data":{".":{},"f:a":{},"f:b":{}},"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/last-applied-configuration":{}}}}""",
            Fields(made!, "kubectl-client-side-apply", "Update"));
        const string Config = """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"2","b":"1"}}""";

        var (refused, _) = await ApplyAsync(server, $"{Maps}/m", "helm", Config);
        var (code, taken) = await ApplyAsync(server, $"{Maps}/m", "kubectl", Config);

        Assert.Equal((409, 200), (refused, code));
        Assert.Equal("2", (string)taken!["data"]!["a"]!);
        Assert.Contains("\"a\":\"2\"", (string)taken["metadata"]!["annotations"]!["kubectl.kubernetes.io/last-applied-configuration"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_account_is_cleared_by_one_empty_entry_kept_by_those_who_leave_it_out_and_begins_anew_with_an_application()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, $"{Maps}?fieldManager=kim", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"1"}}""");

        var (_, kept) = await server.SendAsync(HttpMethod.Put, $"{Maps}/m?fieldManager=lee", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"1","b":"1"}}""");
        var (_, cleared) = await server.SendAsync(HttpMethod.Patch, $"{Maps}/m", """{"metadata":{"managedFields":[{}]}}""", Merge);
        var (_, silent) = await server.SendAsync(HttpMethod.Patch, $"{Maps}/m", """{"data":{"c":"1"}}""", Merge);
        var (refused, why) = await ApplyAsync(server, $"{Maps}/m", "kim", """{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"2"}}""");
        var (_, begun) = await ApplyAsync(server, $"{Maps}/m", "kim", """{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"1"}}""");

        Assert.Equal("""{"f:data":{"f:b":{}}}""", Fields(kept!, "lee", "Update"));
        Assert.Null(cleared!["metadata"]!["managedFields"]);
        Assert.Null(silent!["metadata"]!["managedFields"]);
        Assert.Equal((409, "Apply failed with 1 conflict: conflict with \"before-first-apply\" using v1: .data.a"), (refused, (string)why!["message"]!));
        Assert.Equal("""{"f:data":{".":{},"f:a":{},"f:b":{},"f:c":{}}}""", Fields(begun!, "before-first-apply", "Update"));
        Assert.Equal("""{"f:data":{"f:a":{}}}""", Fields(begun!, "kim", "Apply"));
    }

    [Fact]
    public async Task More_than_ten_updaters_are_merged_and_appliers_are_not()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, $"{Maps}/m", "kim", """{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"1"}}""");
        JsonNode? last = null;
        for (var i = 0; i < 14; i++)
        {
            (_, last) = await server.SendAsync(HttpMethod.Patch, $"{Maps}/m?fieldManager=m{i:00}", $$$"""{"data":{"k{{{i}}}":"1"}}""", Merge);
        }

        var entries = last!["metadata"]!["managedFields"]!.AsArray();
        Assert.Equal(11, entries.Count);
        Assert.Equal("Apply", (string)entries[0]!["operation"]!);
        Assert.Equal("""{"f:data":{"f:k0":{},"f:k1":{},"f:k2":{},"f:k3":{},"f:k4":{}}}""", Fields(last, "ancient-changes", "Update"));
    }

    [Fact]
    public async Task Custom_resources_are_applied_by_the_list_types_of_their_schema()
    {
        await using var server = await TestServer.StartAsync();
        await server.EstablishAsync(Definitions.Widget(Definitions.Spec("""
            "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
            "parts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["id"],"items":{"type":"object","required":["id"],"properties":{"id":{"type":"string"},"size":{"type":"integer"}}}},
            "steps":{"type":"array","items":{"type":"string"}}
            """)));
        await ApplyAsync(server, $"{Definitions.Widgets}/w", "kim", Definitions.Object("w", """{"tags":["a"],"parts":[{"id":"x","size":1}],"steps":["one"]}"""));

        var (code, merged) = await ApplyAsync(server, $"{Definitions.Widgets}/w", "lee", Definitions.Object("w", """{"tags":["b"],"parts":[{"id":"y","size":2}]}"""));
        var (refused, why) = await ApplyAsync(server, $"{Definitions.Widgets}/w", "lee", Definitions.Object("w", """{"tags":["b"],"parts":[{"id":"x","size":3}],"steps":["two"]}"""));
        var (_, gone) = await ApplyAsync(server, $"{Definitions.Widgets}/w", "lee", Definitions.Object("w", """{"tags":["b"]}"""));

        Assert.Equal(200, code);
        Assert.Equal(["a", "b"], merged!["spec"]!["tags"]!.AsArray().Select(static tag => (string)tag!).Order());
        Assert.Equal(["x", "y"], merged["spec"]!["parts"]!.AsArray().Select(static part => (string)part!["id"]!).Order());
        Assert.Equal("""{"f:spec":{"f:parts":{"k:{\"id\":\"y\"}":{".":{},"f:id":{},"f:size":{}}},"f:tags":{"v:\"b\"":{}}}}""", Fields(merged, "lee", "Apply"));
        Assert.Equal(409, refused);
        Assert.Equal([".spec.parts[id=\"x\"].size", ".spec.steps"], why!["details"]!["causes"]!.AsArray().Select(static cause => (string)cause!["field"]!));
        Assert.Equal("""[{"id":"x","size":1}]""", gone!["spec"]!["parts"]!.ToJsonString());
    }

    [Theory]
    [InlineData("", "kind: ConfigMap\napiVersion: v1", 422, "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")]
    [InlineData("fieldManager=kim", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: other}", 400, "the name of the object (other) does not match the name on the URL (m)")]
    [InlineData("fieldManager=kim", "kind: Secret\napiVersion: v1", 400, "Secret in version \"v1\" cannot be handled as a ConfigMap: the kind in the data does not match the expected kind")]
    [InlineData("fieldManager=kim", "kind: ConfigMap\napiVersion: v1\nmetadata: {managedFields: [{manager: x}]}", 400, "metadata.managedFields must be nil")]
    [InlineData("fieldManager=kim", "just text", 400, "error decoding YAML: the configuration is no object")]
    [InlineData("fieldManager=kim&force=maybe", "kind: ConfigMap\napiVersion: v1", 400, "strconv.ParseBool: parsing \"maybe\": invalid syntax")]
    [InlineData("fieldManager=kim&fieldValidation=Strict", "kind: ConfigMap\napiVersion: v1\nspec: {}", 400, "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"spec\"")]
    public async Task A_wrong_application_is_refused(string query, string body, int code, string message)
    {
        await using var server = await TestServer.StartAsync();
        var (answered, status) = await server.SendAsync(HttpMethod.Patch, $"{Maps}/m?{query}", body, Apply);
        Assert.Equal((code, message), (answered, (string)status!["message"]!));
        Assert.Equal(404, (await server.SendAsync(HttpMethod.Get, $"{Maps}/m")).Code);
    }

    [Fact]
    public async Task Items_with_the_same_keys_cannot_be_applied_and_other_patches_cannot_be_forced()
    {
        await using var server = await TestServer.StartAsync();
        var (code, status) = await ApplyAsync(server, $"{Deployments}/web", "kim", Web.Replace("[{name: A, value: \"1\"}]", "[{name: A, value: \"1\"}, {name: A, value: \"2\"}]", StringComparison.Ordinal));
        Assert.Equal(400, code);
        Assert.Equal("failed to create typed patch object (default/web; apps/v1, Kind=Deployment): duplicate entries for key [name=\"A\"]", (string)status!["message"]!);

        await ApplyAsync(server, $"{Deployments}/web", "kim", Web);
        (code, status) = await server.SendAsync(HttpMethod.Patch, $"{Deployments}/web?force=true", "{}", Merge);
        Assert.Equal((422, "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch"), (code, (string)status!["message"]!));
    }

    [Fact]
    public async Task Whoever_may_patch_and_not_create_cannot_make_objects_by_applying()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
            """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"p"},"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["patch"]}]}""");
        await server.SendAsync(HttpMethod.Post, "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
            """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"p"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"p"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"kim"}]}""");
        var kim = server.Host.ConnectAs(new UserInfo("kim", ["system:authenticated"]));
        var call = new ApiCall(HttpMethod.Patch, $"{Maps}/m?fieldManager=kim") { Body = """{"apiVersion":"v1","kind":"ConfigMap"}"""u8.ToArray(), ContentType = Apply };

        var reply = await kim.SendAsync(call, TestContext.Current.CancellationToken);

        Assert.Equal(403, reply.StatusCode);
        Assert.Contains("User \\\"kim\\\" cannot create resource \\\"configmaps\\\"", System.Text.Encoding.UTF8.GetString(reply.Body.Span), StringComparison.Ordinal);
    }

    private static Task<(int Code, JsonNode? Body)> ApplyAsync(TestServer server, string path, string manager, string configuration, string query = "") =>
        server.SendAsync(HttpMethod.Patch, $"{path}?fieldManager={manager}{query}", configuration, Apply);

    private static JsonNode Entry(JsonNode item, string manager, string operation) =>
        Assert.Single(item["metadata"]!["managedFields"]!.AsArray(), entry => (string)entry!["manager"]! == manager && (string)entry["operation"]! == operation)!;

    private static string Fields(JsonNode item, string manager, string operation) => Text(Entry(item, manager, operation)["fieldsV1"]!);

    private static string Text(JsonNode fields) => System.Text.Encoding.UTF8.GetString(Api.Json.ModelJson.ToUtf8(fields));
}
