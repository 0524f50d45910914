using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>Pod security, as kubectl shows it.</summary>
public sealed class PodSecurityTests(ClusterFixture cluster)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kubectl_shows_what_a_namespace_turns_away_and_what_it_warns_of()
    {
        var kubectl = await cluster.KubectlAsync(Token);
        await kubectl.RunAsync(Token, "run", "early", "--image=example.com/none:1", "--privileged");

        var labelled = await kubectl.TryAsync(Token, "label", "namespace", kubectl.Namespace, "pod-security.kubernetes.io/enforce=baseline", "pod-security.kubernetes.io/warn=restricted");
        var refused = await kubectl.TryAsync(Token, "run", "late", "--image=example.com/none:1", "--privileged");
        var warned = await kubectl.TryAsync(Token, "create", "deployment", "web", "--image=example.com/none:1", "--replicas=0");
        var wrong = await kubectl.TryAsync(Token, "label", "namespace", kubectl.Namespace, "pod-security.kubernetes.io/audit=most");

        Assert.Contains(
            $"Warning: existing pods in namespace \"{kubectl.Namespace}\" violate the new PodSecurity enforce level \"baseline:latest\"\nWarning: early: privileged\n",
            labelled.Error,
            StringComparison.Ordinal);
        Assert.Equal(
            "Error from server (Forbidden): pods \"late\" is forbidden: violates PodSecurity \"baseline:latest\": privileged (container \"late\" must not set securityContext.privileged=true)\n",
            refused.Error);
        Assert.Equal("deployment.apps/web created\n", warned.Succeeded());
        Assert.Equal(
            "Warning: would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"none\" must set securityContext.allowPrivilegeEscalation=false), " +
            "unrestricted capabilities (container \"none\" must set securityContext.capabilities.drop=[\"ALL\"]), " +
            "runAsNonRoot != true (pod or container \"none\" must set securityContext.runAsNonRoot=true), " +
            "seccompProfile (pod or container \"none\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")\n",
            warned.Error);
        Assert.Contains(
            "metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: \"most\": must be one of privileged, baseline, restricted\n", wrong.Error, StringComparison.Ordinal);
        await kubectl.RunAsync(Token, "delete", "namespace", kubectl.Namespace, "--wait=false");
    }
}
