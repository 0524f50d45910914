using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Admission;

public sealed class MutatingPolicyTests
{
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private const string Mutating = "Mutating";

    [Fact]
    [Trait("Conformance", "mutatingadmissionpolicy-deployment-annotations")]
    public async Task A_bound_policy_adds_annotations()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, "Object{metadata: Object.metadata{annotations: {'team': 'blue', 'by': request.userInfo.username}}}");

        var (code, item) = await CreateAsync(server);

        Assert.Equal(201, code);
        Assert.Equal("""{"team":"blue","by":"admin"}""", item!["metadata"]!["annotations"]!.ToJsonString());
        Assert.Equal("a", (string)item["metadata"]!["labels"]!["app"]!);
    }

    [Fact]
    [Trait("Conformance", "mutatingadmissionpolicy-mutate-deployment")]
    public async Task A_configuration_is_merged_as_an_appliers_is()
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, """
            Object{spec: Object.spec{replicas: object.spec.replicas + 1, template: Object.spec.template{spec: Object.spec.template.spec{
              containers: [Object.spec.template.spec.containers{name: 'c', env: [Object.spec.template.spec.containers.env{name: 'A', value: 'b'}]},
                           Object.spec.template.spec.containers{name: 'proxy', image: 'p'}]}}}}
            """);

        var (code, item) = await CreateAsync(server);

        Assert.True(code == 201, item?.ToJsonString());
        Assert.Equal(2, (int)item!["spec"]!["replicas"]!);
        var containers = item["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        Assert.Equal(["c i", "proxy p"], containers.Select(static container => $"{container!["name"]} {container["image"]}"));
        Assert.Equal("""[{"name":"A","value":"b"}]""", containers[0]!["env"]!.ToJsonString());
        // What a policy adds gets its defaults too.
        Assert.Equal("/dev/termination-log", (string)containers[1]!["terminationMessagePath"]!);
    }

    [Fact]
    public async Task A_patch_changes_what_it_names()
    {
        await using var server = await TestServer.StartAsync();
        await PatchAsync(server, """
            [JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('example.com/x'), value: 'y'}, JSONPatch{op: 'replace', path: '/spec/replicas', value: 7},
             JSONPatch{op: 'add', path: '/spec/template/spec/containers/-', value: Object.spec.template.spec.containers{name: 'proxy', image: 'p'}}]
            """);

        var (code, item) = await CreateAsync(server);

        Assert.True(code == 201, item?.ToJsonString());
        Assert.Equal(("y", 7, 2), (
            (string)item!["metadata"]!["labels"]!["example.com/x"]!, (int)item["spec"]!["replicas"]!, item["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Count));
    }

    [Fact]
    public async Task A_patch_whose_test_fails_changes_nothing()
    {
        await using var server = await TestServer.StartAsync();
        await PatchAsync(server, "[JSONPatch{op: 'test', path: '/spec/replicas', value: 5}, JSONPatch{op: 'replace', path: '/spec/replicas', value: 7}]");

        var (code, item) = await CreateAsync(server);

        Assert.Equal((201, 1), (code, (int)item!["spec"]!["replicas"]!));
    }

    [Fact]
    public async Task What_a_policy_changes_is_judged_by_those_that_judge()
    {
        await using var server = await TestServer.StartAsync();
        await PatchAsync(server, "[JSONPatch{op: 'replace', path: '/spec/replicas', value: 7}]");
        await server.PolicyAsync("""{"validations":[{"expression":"object.spec.replicas < 5"}]}""");
        await server.BindAsync();

        var (code, _) = await CreateAsync(server);

        Assert.Equal(422, code);
    }

    [Fact]
    public async Task Variables_settings_and_conditions_are_as_for_policies_that_judge()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"s"},"data":{"n":"4"}}""");
        await server.PolicyAsync("""
            {"reinvocationPolicy":"Never","paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"matchConditions":[{"name":"one","expression":"object.spec.replicas == 1"}],
             "variables":[{"name":"n","expression":"int(params.data.n)"}],
             "mutations":[{"patchType":"ApplyConfiguration","applyConfiguration":{"expression":"Object{spec: Object.spec{replicas: variables.n}}"}}]}
            """, Mutating);
        await server.BindAsync("""{"paramRef":{"name":"s","parameterNotFoundAction":"Deny"}}""", Mutating);

        var (_, one) = await CreateAsync(server);
        var (_, two) = await server.SendAsync(HttpMethod.Post, Deployments, Policies.Deployment("b", 2));

        Assert.Equal((4, 2), ((int)one!["spec"]!["replicas"]!, (int)two!["spec"]!["replicas"]!));
    }

    [Theory]
    [InlineData("Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'x': 'y'}}}}", "error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector")]
    [InlineData("Object{spec: Object.specx{replicas: 1}}", "type mismatch: unexpected type name \"Object.specx\", expected \"Object.spec\", which matches field name path from root Object type")]
    [InlineData("Object{spec: Object.spec{replicasx: 1}}", "error applying patch: failed to convert patch object to typed object: .spec.replicasx: field not declared in schema")]
    [InlineData("Object{spec: Object.spec{template: [Object.spec.other{}]}}", "unexpected type name \"Object.spec.other\", expected \"Object.spec.template\"")]
    [InlineData("Object{spec: Object.spec{replicas: 1 / 0}}", "resulted in error: division by zero")]
    [InlineData("Object{spec: Object.spec{replicas: 'x'}}", "json: cannot unmarshal string into Go struct field")]
    public async Task A_change_that_cannot_be_made_refuses_the_request(string expression, string message)
    {
        await using var server = await TestServer.StartAsync();
        await ApplyAsync(server, expression);

        var (code, status) = await CreateAsync(server);

        Assert.Equal((403, "Invalid"), (code, (string)status!["reason"]!));
        Assert.StartsWith("policy 'p' with binding 'b' denied request: ", (string)status["message"]!, StringComparison.Ordinal);
        Assert.Contains(message, (string)status["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"reinvocationPolicy":"Never","mutations":[{"patchType":"JSONPatch","jsonPatch":{"expression":"[1]"}}]}""", "spec.mutations[0].jsonPatch.expression: Invalid value: \"[1]\": must evaluate to list(JSONPatch) but got list(int)")]
    [InlineData("""{"reinvocationPolicy":"Never","mutations":[{"patchType":"ApplyConfiguration","applyConfiguration":{"expression":"Objectt{}"}}]}""", "undeclared reference to 'Objectt' (in container '')")]
    [InlineData("""{"reinvocationPolicy":"Never","mutations":[{"patchType":"Other"}]}""", "spec.mutations[0].patchType: Unsupported value: \"Other\": supported values: \"ApplyConfiguration\", \"JSONPatch\"")]
    [InlineData("""{"reinvocationPolicy":"Never","mutations":[]}""", "spec.mutations: Required value: mutations must contain at least one item")]
    public async Task A_wrong_policy_is_refused(string spec, string message)
    {
        await using var server = await TestServer.StartAsync();

        var (code, status) = await server.TryPolicyAsync(spec, Mutating);

        Assert.Equal(422, code);
        Assert.Contains(message, (string)status!["message"]!, StringComparison.Ordinal);
    }

    private static Task ApplyAsync(TestServer server, string expression) => PolicyAsync(server, "ApplyConfiguration", "applyConfiguration", expression);

    private static Task PatchAsync(TestServer server, string expression) => PolicyAsync(server, "JSONPatch", "jsonPatch", expression);

    private static async Task PolicyAsync(TestServer server, string type, string field, string expression)
    {
        var mutation = new JsonObject { ["patchType"] = type, [field] = new JsonObject { ["expression"] = expression } };
        await server.PolicyAsync(new JsonObject { ["reinvocationPolicy"] = "Never", ["mutations"] = new JsonArray(mutation) }.ToJsonString(), Mutating);
        await server.BindAsync("{}", Mutating);
    }

    private static Task<(int Code, JsonNode? Body)> CreateAsync(TestServer server) => server.SendAsync(HttpMethod.Post, Deployments, Policies.Deployment("a", 1));
}
