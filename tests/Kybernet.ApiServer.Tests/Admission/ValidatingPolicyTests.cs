using System.Text.Json.Nodes;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Admission;

public sealed class ValidatingPolicyTests
{
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    [Trait("Conformance", "validatingadmissionpolicy-validate-deployment")]
    public async Task A_bound_policy_turns_Deployments_away_that_break_its_rule()
    {
        await using var server = await TestServer.StartAsync();
        await server.PolicyAsync("""{"validations":[{"expression":"object.spec.replicas > 1","messageExpression":"'wants ' + string(object.spec.replicas)"},{"expression":"object.spec.replicas < 4"}]}""");
        var (unbound, _) = await CreateAsync(server, "unbound", 1);
        await server.BindAsync();

        var (good, _) = await CreateAsync(server, "good", 2);
        var (few, status) = await CreateAsync(server, "few", 1);
        var (many, manyStatus) = await CreateAsync(server, "many", 9);

        Assert.Equal((201, 201, 422, 422), (unbound, good, few, many));
        Assert.Equal("deployments.apps \"few\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: wants 1", (string)status!["message"]!);
        Assert.Equal("Invalid", (string)status["reason"]!);
        Assert.Equal("ValidatingAdmissionPolicy 'p' with binding 'b' denied request: wants 1", (string)status["details"]!["causes"]![0]!["message"]!);
        Assert.EndsWith("denied request: failed expression: object.spec.replicas < 4", (string)manyStatus!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "validatingadmissionpolicy-variables")]
    public async Task Variables_may_use_those_before_them()
    {
        await using var server = await TestServer.StartAsync();
        await server.PolicyAsync("""
            {"variables":[{"name":"replicas","expression":"object.spec.replicas"},{"name":"isOdd","expression":"variables.replicas % 2 == 1"},{"name":"unused","expression":"1 / 0"}],
             "validations":[{"expression":"variables.replicas > 1"},{"expression":"variables.isOdd","message":"must be odd"}]}
            """);
        await server.BindAsync();

        var (odd, _) = await CreateAsync(server, "odd", 3);
        var (even, status) = await CreateAsync(server, "even", 2);

        Assert.Equal((201, 422), (odd, even));
        Assert.EndsWith("denied request: must be odd", (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("request.userInfo.username == 'admin' && request.operation == 'CREATE' && request.kind.kind == 'Deployment' && !has(request.subResource)", 201)]
    [InlineData("namespaceObject.metadata.name == 'default' && oldObject == null", 201)]
    [InlineData("authorizer.group('').resource('pods').namespace('default').check('create').allowed()", 201)]
    [InlineData("!authorizer.serviceAccount('default', 'nobody').group('').resource('pods').check('create').allowed()", 201)]
    [InlineData("authorizer.requestResource.check('create').allowed()", 201)]
    [InlineData("object.metadata.labels.exists(k, k == 'x')", 422)]
    public async Task Expressions_see_the_request(string expression, int expected)
    {
        await using var server = await TestServer.StartAsync();
        await server.PolicyAsync($$"""{"validations":[{"expression":{{JsonValue.Create(expression).ToJsonString()}}}]}""");
        await server.BindAsync();

        var (code, status) = await CreateAsync(server, "a", 1);

        Assert.True(code == expected, status?.ToJsonString());
    }

    [Theory]
    [InlineData("Fail", 422)]
    [InlineData("Ignore", 201)]
    public async Task The_failure_policy_decides_on_what_cannot_be_judged(string policy, int expected)
    {
        await using var server = await TestServer.StartAsync();
        await server.PolicyAsync($$"""{"failurePolicy":"{{policy}}","validations":[{"expression":"object.spec.nothing == 1"}]}""");
        await server.BindAsync();

        var (code, status) = await CreateAsync(server, "a", 1);

        Assert.Equal(expected, code);
        Assert.True(code == 201 || ((string)status!["message"]!).EndsWith("denied request: expression 'object.spec.nothing == 1' resulted in error: no such key: nothing", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"paramRef":{"name":"limits","parameterNotFoundAction":"Deny"}}""", 3, 422)]
    [InlineData("""{"paramRef":{"name":"limits","parameterNotFoundAction":"Deny"}}""", 2, 201)]
    [InlineData("""{"paramRef":{"name":"gone","namespace":"default","parameterNotFoundAction":"Deny"}}""", 2, 422)]
    [InlineData("""{"paramRef":{"name":"gone","parameterNotFoundAction":"Allow"}}""", 9, 201)]
    [InlineData("""{"paramRef":{"selector":{"matchLabels":{"kind":"limits"}},"parameterNotFoundAction":"Deny"}}""", 3, 422)]
    public async Task A_binding_says_where_the_settings_are(string binding, int replicas, int expected)
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync(HttpMethod.Post, ConfigMaps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"limits","labels":{"kind":"limits"}},"data":{"most":"2"}}""");
        await server.PolicyAsync("""{"paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"validations":[{"expression":"object.spec.replicas <= int(params.data.most)"}]}""");
        await server.BindAsync(binding);

        var (code, status) = await CreateAsync(server, "a", replicas);

        Assert.True(code == expected, status?.ToJsonString());
    }

    [Theory]
    [InlineData("""{"matchConditions":[{"name":"big","expression":"object.spec.replicas > 5"}]}""", "{}")]
    [InlineData("""{"matchConstraints":{"resourceRules":[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["UPDATE"],"resources":["deployments"]}]}}""", "{}")]
    [InlineData("""{"matchConstraints":{"namespaceSelector":{"matchLabels":{"a":"b"}},"resourceRules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*"]}]}}""", "{}")]
    [InlineData("""{"matchConstraints":{"excludeResourceRules":[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["*"],"resources":["deployments"]}],"resourceRules":[{"apiGroups":["*"],"apiVersions":["*"],"operations":["*"],"resources":["*"]}]}}""", "{}")]
    [InlineData("{}", """{"matchResources":{"objectSelector":{"matchLabels":{"a":"b"}}}}""")]
    [InlineData("{}", """{"matchResources":{"resourceRules":[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["deployments"],"resourceNames":["other"]}]}}""")]
    [InlineData("{}", """{"validationActions":["Warn"]}""")]
    [InlineData("{}", """{"validationActions":["Audit"]}""")]
    public async Task A_request_that_is_not_meant_goes_on(string policy, string binding)
    {
        await using var server = await TestServer.StartAsync();
        var spec = JsonNode.Parse(policy)!;
        spec["validations"] = JsonNode.Parse("""[{"expression":"false"}]""");
        await server.PolicyAsync(spec.ToJsonString());
        await server.BindAsync(binding);

        var (code, status) = await CreateAsync(server, "a", 1);

        Assert.True(code == 201, status?.ToJsonString());
    }

    [Fact]
    public async Task A_deletion_is_judged_by_the_object_as_it_was()
    {
        await using var server = await TestServer.StartAsync();
        await server.PolicyAsync("""
            {"matchConstraints":{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["DELETE"],"resources":["configmaps"]}]},
             "validations":[{"expression":"object == null && !has(oldObject.metadata.labels)","reason":"Forbidden","message":"is labelled"}]}
            """);
        await server.BindAsync();
        await server.SendAsync(HttpMethod.Post, ConfigMaps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"plain"}}""");
        await server.SendAsync(HttpMethod.Post, ConfigMaps, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"kept","labels":{"a":"b"}}}""");

        var (plain, _) = await server.SendAsync(HttpMethod.Delete, $"{ConfigMaps}/plain");
        var (kept, _) = await server.SendAsync(HttpMethod.Delete, $"{ConfigMaps}/kept");

        Assert.Equal((200, 403), (plain, kept));
    }

    [Theory]
    [InlineData("""{"validations":[{"expression":"object.a &&"}]}""", "spec.validations[0].expression: Invalid value: \"object.a &&\": compilation failed: ERROR: <input>:1:12: Syntax error: mismatched input '<EOF>'")]
    [InlineData("""{"validations":[{"expression":"1"}]}""", "spec.validations[0].expression: Invalid value: \"1\": must evaluate to bool but got int")]
    [InlineData("""{"validations":[{"expression":"params.a"}]}""", "undeclared reference to 'params' (in container '')")]
    [InlineData("""{"validations":[]}""", "spec.validations: Required value: validations or auditAnnotations must contain at least one item")]
    [InlineData("""{"validations":[{"expression":"true","reason":"Other"}]}""", "spec.validations[0].reason: Unsupported value: \"Other\": supported values: \"Forbidden\", \"Invalid\", \"RequestEntityTooLarge\", \"Unauthorized\"")]
    [InlineData("""{"validations":[{"expression":"true"}],"variables":[{"name":"a-b","expression":"1"}]}""", "spec.variables[0].name: Invalid value: \"a-b\": name is not a valid CEL identifier")]
    [InlineData("""{"validations":[{"expression":"variables.x == 'a'"}],"variables":[{"name":"x","expression":"1"}]}""", "found no matching overload for '_==_' applied to '(int, string)'")]
    [InlineData("""{"validations":[{"expression":"true"}],"matchConditions":[{"name":"m","expression":"object.x"}]}""", "spec.matchConditions[0].expression: Invalid value: \"object.x\": must evaluate to bool but got dyn")]
    [InlineData("""{"validations":[{"expression":"true"}],"matchConstraints":{"resourceRules":[]}}""", "spec.matchConstraints.resourceRules: Required value")]
    public async Task A_wrong_policy_is_refused_in_upstreams_words(string spec, string message)
    {
        await using var server = await TestServer.StartAsync();

        var (code, status) = await server.TryPolicyAsync(spec);

        Assert.Equal(422, code);
        Assert.Contains(message, (string)status!["message"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"validationActions":["Deny","Warn"]}""", "must not contain both Deny and Warn")]
    [InlineData("""{"validationActions":[]}""", "spec.validationActions: Required value: at least one validation action is required")]
    [InlineData("""{"paramRef":{"parameterNotFoundAction":"Deny"}}""", "spec.paramRef: Required value: one of name or selector must be specified")]
    [InlineData("""{"paramRef":{"name":"a"}}""", "spec.paramRef.parameterNotFoundAction: Required value")]
    public async Task A_wrong_binding_is_refused_in_upstreams_words(string spec, string message)
    {
        await using var server = await TestServer.StartAsync();

        var (code, status) = await server.TryBindAsync(spec);

        Assert.Equal(422, code);
        Assert.Contains(message, (string)status!["message"]!, StringComparison.Ordinal);
    }

    private static Task<(int Code, JsonNode? Body)> CreateAsync(TestServer server, string name, int replicas) => server.SendAsync(HttpMethod.Post, Deployments, Policies.Deployment(name, replicas));
}
