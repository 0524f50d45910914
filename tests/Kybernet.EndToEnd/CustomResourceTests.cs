using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>Custom resources with stock kubectl.</summary>
public sealed class CustomResourceTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_definition_is_applied_and_its_objects_are_used_like_any_other()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await WithDefinitionAsync(kubectl, async (name, group) =>
        {
            (await kubectl.FeedAsync(Object(group, "'* * * * */5'"), Token, "apply", "-f", "-")).Succeeded();
            (await kubectl.FeedAsync(Object(group, "'0 0 * * *'"), Token, "apply", "-f", "-")).Succeeded();
            var refused = await kubectl.FeedAsync(Object(group, "5"), Token, "apply", "-f", "-", "--validate=false");
            var table = await kubectl.RunAsync(Token, "get", name);
            var explained = await kubectl.RunAsync(Token, "explain", $"{name}.spec.cronSpec");
            await kubectl.RunAsync(Token, "scale", "--replicas=3", $"{name}/mine");
            await kubectl.RunAsync(Token, "annotate", name, "mine", "seen=yes");

            Assert.Contains("must be of type string", refused.Error, StringComparison.Ordinal);
            Assert.Matches(@"(?m)^NAME\s+SPEC\s+REPLICAS\s+AGE\s*\nmine\s+0 0 \* \* \*\s+1\s+\d+s\s*$", table);
            Assert.Contains("When it runs.", explained, StringComparison.Ordinal);
            Assert.Equal("3 yes", await kubectl.RunAsync(Token, "get", name, "mine", "-o", "jsonpath={.spec.replicas} {.metadata.annotations.seen}"));
        });
        Assert.NotEqual(0, (await kubectl.TryAsync(Token, "get", $"crontabs.{kubectl.Namespace}.example.com")).ExitCode);
    }

    [Theory]
    [InlineData("background")]
    [InlineData("foreground")]
    public async Task What_an_object_owns_goes_with_it(string cascade)
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await WithDefinitionAsync(kubectl, async (name, group) =>
        {
            (await kubectl.FeedAsync(Object(group, "hourly"), Token, "apply", "-f", "-")).Succeeded();
            var uid = await kubectl.ReadAsync(Token, name, "mine", "{.metadata.uid}");
            (await kubectl.FeedAsync(Owned(group, uid), Token, "apply", "-f", "-")).Succeeded();

            await kubectl.RunAsync(Token, "delete", name, "mine", $"--cascade={cascade}", "--timeout=60s");

            var left = () => kubectl.RunAsync(Token, "get", $"{name},configmap", "-l", "owned=yes", "-o", "name");
            if (cascade == "foreground")
            {
                Assert.Equal("", await left());
            }
            await Eventually.BecomesAsync(left, static left => left.Length == 0, Token);
            await kubectl.RunAsync(Token, "get", "configmap", "kube-root-ca.crt");
        });
    }

    [Fact]
    public async Task A_namespace_goes_with_its_objects()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await WithDefinitionAsync(kubectl, async (name, group) =>
        {
            (await kubectl.FeedAsync(Object(group, "hourly"), Token, "apply", "-f", "-")).Succeeded();

            await kubectl.RunAsync(Token, "delete", "namespace", kubectl.Namespace, "--timeout=120s");

            Assert.Equal("", await kubectl.RunAsync(Token, "get", name, "--all-namespaces", "-o", "name"));
        });
    }

    private static async Task WithDefinitionAsync(Kubectl kubectl, Func<string, string, Task> use)
    {
        var group = $"{kubectl.Namespace}.example.com"; // one test's alone: definitions belong to no namespace
        var name = $"crontabs.{group}";
        try
        {
            (await kubectl.FeedAsync(Definition(group), Token, "apply", "-f", "-")).Succeeded();
            await kubectl.RunAsync(Token, "wait", "--for=condition=Established", $"crd/{name}", "--timeout=60s");
            await use(name, group);
        }
        finally
        {
            await kubectl.RunAsync(CancellationToken.None, "delete", "crd", name, "--ignore-not-found", "--timeout=60s");
        }
    }

    private static string Owned(string group, string owner)
    {
        var metadata = $$"""
            labels: {owned: 'yes'}
              ownerReferences: [{apiVersion: {{group}}/v1, kind: CronTab, name: mine, uid: {{owner}}, blockOwnerDeletion: true}]
            """;
        return $$"""
            apiVersion: {{group}}/v1
            kind: CronTab
            metadata:
              name: child
              {{metadata}}
            spec: {cronSpec: daily}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: child
              {{metadata}}
            """;
    }

    private static string Object(string group, string spec) => $$"""
        apiVersion: {{group}}/v1
        kind: CronTab
        metadata: {name: mine}
        spec: {cronSpec: {{spec}}, image: my-image}
        """;

    private static string Definition(string group) => $$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: crontabs.{{group}}}
        spec:
          group: {{group}}
          scope: Namespaced
          names: {plural: crontabs, kind: CronTab}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas} }
            additionalPrinterColumns:
            - {name: Spec, type: string, jsonPath: .spec.cronSpec}
            - {name: Replicas, type: integer, jsonPath: .spec.replicas}
            - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [cronSpec]
                    properties:
                      cronSpec: {type: string, description: When it runs.}
                      image: {type: string}
                      replicas: {type: integer, default: 1, minimum: 0}
        """;
}
