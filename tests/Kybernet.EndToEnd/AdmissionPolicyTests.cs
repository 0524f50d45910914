using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>Policies of admission with stock kubectl.</summary>
public sealed class AdmissionPolicyTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Policies_change_warn_of_and_refuse_what_kubectl_applies()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        var name = $"{kubectl.Namespace}.example.com"; // one test's alone: policies belong to no namespace
        try
        {
            (await kubectl.FeedAsync(Policies(name, kubectl.Namespace), Token, "apply", "-f", "-")).Succeeded();

            var many = await kubectl.FeedAsync(Deployment(9), Token, "apply", "-f", "-");
            var odd = await kubectl.FeedAsync(Deployment(3), Token, "apply", "-f", "-");
            var even = await kubectl.FeedAsync(Deployment(2), Token, "apply", "-f", "-");

            Assert.Equal(1, many.ExitCode);
            Assert.Contains(
                $"The deployments \"web\" is invalid: : ValidatingAdmissionPolicy '{name}' with binding '{name}' denied request: 9 are too many", many.Error, StringComparison.Ordinal);
            Assert.Contains($"Warning: Validation failed for ValidatingAdmissionPolicy 'odd.{name}' with binding 'odd.{name}': should be even", odd.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("Warning", even.Error, StringComparison.Ordinal);
            Assert.Equal("2 blue", await kubectl.RunAsync(Token, "get", "deployment", "web", "-o", "jsonpath={.spec.replicas} {.metadata.annotations.team}"));
        }
        finally
        {
            await kubectl.FeedAsync(Policies(name, kubectl.Namespace), CancellationToken.None, "delete", "--ignore-not-found", "-f", "-");
        }
    }

    private static string Deployment(int replicas) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: {{replicas}}
          selector: {matchLabels: {app: web} }
          template:
            metadata: {labels: {app: web} }
            spec: {containers: [{name: main, image: "kybernet.test/none:1"}]}
        """;

    private static string Policies(string name, string @namespace) => $$$$"""
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: {{{{name}}}}}
        spec:
          matchConstraints:
            resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]
          variables: [{name: replicas, expression: object.spec.replicas}]
          validations: [{expression: variables.replicas < 5, messageExpression: "string(variables.replicas) + ' are too many'"}]
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: {{{{name}}}}}
        spec:
          policyName: {{{{name}}}}
          validationActions: [Deny]
          matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{{{@namespace}}}}} } }
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicy
        metadata: {name: odd.{{{{name}}}}}
        spec:
          matchConstraints:
            resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]
          validations: [{expression: object.spec.replicas % 2 == 0, message: should be even}]
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: ValidatingAdmissionPolicyBinding
        metadata: {name: odd.{{{{name}}}}}
        spec:
          policyName: odd.{{{{name}}}}
          validationActions: [Warn]
          matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{{{@namespace}}}}} } }
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: MutatingAdmissionPolicy
        metadata: {name: {{{{name}}}}}
        spec:
          reinvocationPolicy: Never
          matchConstraints:
            resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]
          mutations:
          - patchType: ApplyConfiguration
            applyConfiguration: {expression: "Object{metadata: Object.metadata{annotations: {'team': 'blue'}}}"}
        ---
        apiVersion: admissionregistration.k8s.io/v1
        kind: MutatingAdmissionPolicyBinding
        metadata: {name: {{{{name}}}}}
        spec:
          policyName: {{{{name}}}}
          matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{{{@namespace}}}}} } }
        """;
}
