using Kybernet.Api.Core.V1;
using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Nodes;

/// <summary>What containers find in their environment.</summary>
public sealed class EnvironmentTests(ClusterFixture cluster)
{
    private const string Data = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: map}
        data: {first: one, second: two}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: secret}
        stringData: {first: hidden, second: also}
        """;

    [Fact]
    [Trait("Conformance", "configmap-from-environment-field")]
    [Trait("Conformance", "secrets-pod-environment-field")]
    public async Task A_key_of_a_ConfigMap_and_one_of_a_Secret_fill_variables()
    {
        await using var space = await cluster.NamespaceAsync(TestContext.Current.CancellationToken);
        await space.ApplyAsync(Data);

        var printed = await space.PodSucceedsAsync(PodYaml.Command("[env]", """
            env:
            - {name: FROM_MAP, valueFrom: {configMapKeyRef: {name: map, key: second}}}
            - {name: FROM_SECRET, valueFrom: {secretKeyRef: {name: secret, key: first}}}
            - {name: ABSENT, valueFrom: {secretKeyRef: {name: secret, key: third, optional: true}}}
            """));

        Assert.Contains("FROM_MAP=two\n", printed, StringComparison.Ordinal);
        Assert.Contains("FROM_SECRET=hidden\n", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("ABSENT", printed, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "configmap-from-environment-variables")]
    [Trait("Conformance", "configmap-from-environment-field-with-various-prefixes")]
    [Trait("Conformance", "secrets-pod-environment-from-source-all-keys")]
    [Trait("Conformance", "secrets-pod-environment-from-source-prefixes")]
    public async Task All_keys_become_variables_with_prefixes_of_any_printable_characters()
    {
        await using var space = await cluster.NamespaceAsync(TestContext.Current.CancellationToken);
        await space.ApplyAsync(Data);

        var printed = await space.PodSucceedsAsync(PodYaml.Command("[env]", """
            envFrom:
            - configMapRef: {name: map}
            - {prefix: "p-1.", configMapRef: {name: map}}
            - {prefix: "#@!{}", configMapRef: {name: map}}
            - {prefix: "S_", secretRef: {name: secret}}
            - {prefix: "1 $(x)", secretRef: {name: secret}}
            """));

        foreach (var line in new[] { "first=one", "second=two", "p-1.first=one", "#@!{}second=two", "S_first=hidden", "1 $(x)second=also" })
        {
            Assert.Contains(line + "\n", printed, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Trait("Conformance", "downwardapi-environment-for-name-namespace-and-ip")]
    [Trait("Conformance", "downwardapi-environment-for-host-ip")]
    [Trait("Conformance", "downwardapi-environment-for-hostips")]
    [Trait("Conformance", "downwardapi-environment-for-pod-uid")]
    public async Task A_container_reads_who_and_where_its_pod_is()
    {
        await using var space = await cluster.NamespaceAsync(TestContext.Current.CancellationToken);

        var printed = await space.PodSucceedsAsync(PodYaml.Command("[env]", """
            env:
            - {name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
            - {name: SPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
            - {name: UID, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}
            - {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
            - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
            - {name: HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
            - {name: HOSTS, valueFrom: {fieldRef: {fieldPath: status.hostIPs}}}
            """));
        var pod = await space.GetAsync<Pod>("pod");

        Assert.Contains($"NAME=pod\nSPACE={space.Name}\nUID={pod.Metadata.Uid}\nLABEL=pod\n", Sorted(printed, "NAME", "SPACE", "UID", "LABEL"), StringComparison.Ordinal);
        Assert.Contains($"IP={pod.Status.PodIP}\n", printed, StringComparison.Ordinal);
        Assert.Contains($"HOST={pod.Status.HostIP}\n", printed, StringComparison.Ordinal);
        Assert.Contains($"HOSTS={string.Join(',', pod.Status.HostIPs.Select(static address => address.Ip))}\n", printed, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Conformance", "downwardapi-environment-for-cpu-and-memory-limits-and-requests")]
    public async Task A_container_reads_what_it_asked_for()
    {
        await using var space = await cluster.NamespaceAsync(TestContext.Current.CancellationToken);

        var printed = await space.PodSucceedsAsync(PodYaml.Command(
            "[env]", "resources: {requests: {cpu: 50m, memory: 16Mi}, limits: {cpu: 1250m, memory: 32Mi}}\n" + ResourceVariables));

        Assert.Equal("CPU_LIMIT=2\nMEMORY_LIMIT=33554432\nCPU_REQUEST=1\nMEMORY_REQUEST=16777216\n", Sorted(printed, ResourceNames));
    }

    [Fact]
    [Trait("Conformance", "downwardapi-environment-for-default-cpu-and-memory-limits-and-requests")]
    public async Task Limits_that_are_not_set_read_as_what_the_node_has()
    {
        await using var space = await cluster.NamespaceAsync(TestContext.Current.CancellationToken);

        var printed = await space.PodSucceedsAsync(PodYaml.Command("[env]", ResourceVariables));
        var node = await space.Client.GetAsync<Node>("", (await space.GetAsync<Pod>("pod")).Spec.NodeName!, TestContext.Current.CancellationToken);

        var (cpu, memory) = (node.Status.Allocatable["cpu"].ToInt64(), node.Status.Allocatable["memory"].ToInt64());
        Assert.Equal($"CPU_LIMIT={cpu}\nMEMORY_LIMIT={memory}\nCPU_REQUEST=0\nMEMORY_REQUEST=0\n", Sorted(printed, ResourceNames));
    }

    [Fact]
    [Trait("Conformance", "environment-variables-expansion")]
    [Trait("Conformance", "environment-variables-command-expansion")]
    [Trait("Conformance", "environment-variables-command-argument-expansion")]
    public async Task Variables_are_expanded_in_other_variables_in_commands_and_in_arguments()
    {
        await using var space = await cluster.NamespaceAsync(TestContext.Current.CancellationToken);

        var printed = await space.PodSucceedsAsync(PodYaml.Command("[echo, \"$(COMPOSED)\"]", """
            args: ["$(FOO)", "$$(FOO)", "$(UNKNOWN)"]
            env:
            - {name: FOO, value: foo}
            - {name: COMPOSED, value: "<$(FOO);;$(LATER)>"}
            - {name: LATER, value: later}
            """));

        Assert.Equal("<foo;;$(LATER)> foo $(FOO) $(UNKNOWN)\n", printed);
    }

    [Fact]
    [Trait("Conformance", "pods-service-environment-variables")]
    public async Task A_Service_that_was_there_before_is_in_the_environment()
    {
        await using var space = await cluster.NamespaceAsync(TestContext.Current.CancellationToken);
        var service = await space.ApplyAsync<Service>("""
            apiVersion: v1
            kind: Service
            metadata: {name: web-front}
            spec: {selector: {app: web}, ports: [{port: 8765, targetPort: 8080}]}
            """);

        var printed = await space.PodSucceedsAsync(PodYaml.Command("[env]"));

        Assert.Contains($"WEB_FRONT_SERVICE_HOST={service.Spec.ClusterIP}\n", printed, StringComparison.Ordinal);
        Assert.Contains("WEB_FRONT_SERVICE_PORT=8765\n", printed, StringComparison.Ordinal);
        Assert.Contains($"WEB_FRONT_PORT_8765_TCP=tcp://{service.Spec.ClusterIP}:8765\n", printed, StringComparison.Ordinal);
    }

    private static readonly string[] ResourceNames = ["CPU_LIMIT", "MEMORY_LIMIT", "CPU_REQUEST", "MEMORY_REQUEST"];

    private const string ResourceVariables = """
        env:
        - {name: CPU_LIMIT, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
        - {name: MEMORY_LIMIT, valueFrom: {resourceFieldRef: {resource: limits.memory}}}
        - {name: CPU_REQUEST, valueFrom: {resourceFieldRef: {resource: requests.cpu}}}
        - {name: MEMORY_REQUEST, valueFrom: {resourceFieldRef: {resource: requests.memory}}}
        """;

    // The lines of some variables, in the order that they are named in.
    private static string Sorted(string printed, params string[] names) => string.Concat(
        names.Select(name => printed.Split('\n').Single(line => line.StartsWith(name + "=", StringComparison.Ordinal)) + "\n"));
}
