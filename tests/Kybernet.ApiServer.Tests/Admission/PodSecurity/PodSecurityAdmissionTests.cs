using System.Text.Json.Nodes;
using Kybernet.ApiServer.Admission.Configuration;
using Kybernet.ApiServer.Tests.Hosting;

namespace Kybernet.ApiServer.Tests.Admission.PodSecurity;

public sealed class PodSecurityAdmissionTests
{
    private const string Namespaces = "/api/v1/namespaces";
    private const string Privileged = "spec|containers|0|securityContext|privileged=true; spec|containers|0|securityContext|allowPrivilegeEscalation=null";
    private const string Violation = "privileged (container \"a\" must not set securityContext.privileged=true)";

    [Fact]
    public async Task A_pod_is_turned_away_that_its_namespace_does_not_want()
    {
        await using var server = await ServerAsync();
        await server.NamespaceAsync("n", """{"pod-security.kubernetes.io/enforce":"baseline"}""");

        var (code, status) = await CreateAsync(server, "n", Privileged);
        var (good, _) = await CreateAsync(server, "n", "");

        Assert.Equal((403, 201), (code, good));
        Assert.Equal($"pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": {Violation}", (string)status!["message"]!);
        Assert.Equal("Forbidden", (string)status["reason"]!);
    }

    [Theory]
    [InlineData("warn-version", "v25", "must be \"latest\" or \"v1.x\"")]
    [InlineData("enforce", "strict", "must be one of privileged, baseline, restricted")]
    public async Task Labels_that_say_nothing_sensible_are_refused(string label, string value, string message)
    {
        await using var server = await ServerAsync();

        var (code, status, _) = await server.AskAsync(
            HttpMethod.Patch, $"{Namespaces}/default", $$$"""{"metadata":{"labels":{"pod-security.kubernetes.io/{{{label}}}":"{{{value}}}"} } }""", "application/merge-patch+json");

        Assert.Equal(422, code);
        Assert.Equal($"Namespace \"default\" is invalid: metadata.labels[pod-security.kubernetes.io/{label}]: Invalid value: \"{value}\": {message}", (string)status!["message"]!);
    }

    [Fact]
    public async Task Who_asks_more_of_a_namespace_is_told_which_pods_would_not_be_let_in()
    {
        await using var server = await ServerAsync();
        await server.NamespaceAsync("n", "{}");
        foreach (var (name, changes) in ((string, string)[])[("x", "spec|hostNetwork=true"), ("w", "spec|hostNetwork=true"), ("v", "spec|hostNetwork=true"), ("u", Privileged), ("good", "")])
        {
            Assert.Equal(201, (await CreateAsync(server, "n", $"metadata|name=\"{name}\"; {changes}".TrimEnd(' ', ';'))).Code);
        }

        var (_, _, warnings) = await server.AskAsync(
            HttpMethod.Patch, $"{Namespaces}/n", """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"baseline","pod-security.kubernetes.io/enforce-version":"v1.30"}}}""", "application/merge-patch+json");

        Assert.Equal(
            [
                "existing pods in namespace \"n\" violate the new PodSecurity enforce level \"baseline:v1.30\"",
                "u: privileged",
                "v (and 2 other pods): host namespaces",
            ],
            warnings);
    }

    [Fact]
    public async Task A_template_is_warned_of_and_let_in()
    {
        await using var server = await ServerAsync();
        await server.NamespaceAsync("n", """{"pod-security.kubernetes.io/enforce":"restricted","pod-security.kubernetes.io/warn":"baseline","pod-security.kubernetes.io/warn-version":"v1.20"}""");
        var pod = Pods.Changed(Privileged);
        var deployment = new JsonObject
        {
            ["apiVersion"] = "apps/v1",
            ["kind"] = "Deployment",
            ["metadata"] = new JsonObject { ["name"] = "d" },
            ["spec"] = JsonNode.Parse("""{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}}}}"""),
        };
        deployment["spec"]!["template"]!["spec"] = pod["spec"]!.DeepClone();

        var (_, _, warnings) = await server.AskAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/n/deployments", deployment.ToJsonString());

        Assert.Equal([$"would violate PodSecurity \"baseline:v1.20\": {Violation}"], warnings);
    }

    [Fact]
    public async Task A_container_for_debugging_is_held_to_the_standards_and_a_label_is_not()
    {
        await using var server = await ServerAsync();
        await server.NamespaceAsync("n", "{}");
        await CreateAsync(server, "n", Privileged);
        await server.AskAsync(HttpMethod.Patch, $"{Namespaces}/n", """{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"baseline"}}}""", "application/merge-patch+json");

        var (labelled, _, _) = await server.AskAsync(HttpMethod.Patch, $"{Namespaces}/n/pods/p", """{"metadata":{"labels":{"a":"b"}}}""", "application/merge-patch+json");
        var (image, _, _) = await server.AskAsync(HttpMethod.Patch, $"{Namespaces}/n/pods/p", """{"spec":{"containers":[{"name":"a","image":"other"}]}}""", "application/strategic-merge-patch+json");
        var (debugged, _, _) = await server.AskAsync(
            HttpMethod.Patch, $"{Namespaces}/n/pods/p/ephemeralcontainers", """{"spec":{"ephemeralContainers":[{"name":"debug","image":"busybox"}]}}""", "application/strategic-merge-patch+json");

        Assert.Equal((200, 403, 403), (labelled, image, debugged));
    }

    [Fact]
    public async Task A_cluster_has_defaults_and_exemptions()
    {
        await using var server = await ServerAsync("""
            {"apiVersion":"pod-security.admission.config.k8s.io/v1","kind":"PodSecurityConfiguration","defaults":{"enforce":"baseline","enforce-version":"v1.30"},
             "exemptions":{"namespaces":["exempt"],"runtimeClasses":["vm"],"usernames":["trusted"]}}
            """);
        await server.AskAsync(HttpMethod.Post, "/apis/node.k8s.io/v1/runtimeclasses", """{"apiVersion":"node.k8s.io/v1","kind":"RuntimeClass","metadata":{"name":"vm"},"handler":"vm"}""");
        await server.NamespaceAsync("n", "{}");
        var exempt = await server.NamespaceAsync("exempt", """{"pod-security.kubernetes.io/enforce":"restricted"}""");

        var (refused, status) = await CreateAsync(server, "n", Privileged);
        var (inExempt, _) = await CreateAsync(server, "exempt", Privileged);
        var (inClass, _) = await CreateAsync(server, "n", "spec|runtimeClassName=\"vm\"; " + Privileged);
        server.Http.DefaultRequestHeaders.Add("Impersonate-User", "trusted");
        server.Http.DefaultRequestHeaders.Add("Impersonate-Group", "system:masters");
        var (byUser, _) = await CreateAsync(server, "n", "metadata|name=\"q\"; " + Privileged);

        Assert.Equal((403, 201, 201, 201), (refused, inExempt, inClass, byUser));
        Assert.Contains("violates PodSecurity \"baseline:v1.30\"", (string)status!["message"]!, StringComparison.Ordinal);
        Assert.Equal(["namespace \"exempt\" is exempt from Pod Security, and the policy (enforce=restricted:v1.30) will be ignored"], exempt);
        var metrics = await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("pod_security_evaluations_total{decision=\"deny\",mode=\"enforce\",policy_level=\"baseline\",policy_version=\"v1.30\",request_operation=\"create\",resource=\"pod\",subresource=\"\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("pod_security_exemptions_total{request_operation=\"create\",resource=\"pod\",subresource=\"\"} 3\n", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"apiVersion":"pod-security.admission.config.k8s.io/v1","kind":"PodSecurityConfiguration","defaults":{"enforce":"hard"}}""", "defaults.enforce: Invalid value: \"hard\": must be one of privileged, baseline, restricted")]
    [InlineData("""{"apiVersion":"pod-security.admission.config.k8s.io/v1","kind":"PodSecurityConfiguration","default":{}}""", "strict decoding error: unknown field \"default\"")]
    [InlineData("""{"apiVersion":"v1","kind":"PodSecurityConfiguration"}""", "no kind \"PodSecurityConfiguration\" is registered for version \"v1\"")]
    public async Task A_server_does_not_start_with_a_wrong_configuration(string configuration, string message)
    {
        var failure = await Assert.ThrowsAsync<ConfigurationException>(() => ServerAsync(configuration));

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configurations_are_read_from_a_file_and_from_files_beside_it()
    {
        var folder = Directory.CreateTempSubdirectory("kybernet-admission-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "other.yaml"), "kind: Other\n", TestContext.Current.CancellationToken);
            var file = Path.Combine(folder.FullName, "admission.yaml");
            await File.WriteAllTextAsync(
                file,
                "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n- name: PodSecurity\n  configuration: {kind: Inline}\n- name: EventRateLimit\n  path: other.yaml\n",
                TestContext.Current.CancellationToken);

            var read = AdmissionOptions.ReadConfigurations(file);

            Assert.Equal(("Inline", "Other"), ((string)read["PodSecurity"]["kind"]!, (string)read["EventRateLimit"]["kind"]!));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<SecureServer> ServerAsync(string? configuration = null) => SecureServer.StartAsync(options => options with
    {
        Admission = new AdmissionOptions
        {
            Configurations = configuration is null ? new Dictionary<string, JsonObject>() : new() { ["PodSecurity"] = JsonNode.Parse(configuration)!.AsObject() },
        },
    });

    private static async Task<(int Code, JsonNode? Body)> CreateAsync(SecureServer server, string @namespace, string changes)
    {
        var (code, body, _) = await server.AskAsync(HttpMethod.Post, $"{Namespaces}/{@namespace}/pods", Pods.Changed(changes).ToJsonString());
        return (code, body);
    }
}
