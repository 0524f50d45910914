using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Storage;

/// <summary>A pod that looks at its volumes with a shell and ends, or stays to be looked into.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Volumes">Its volumes, as a JSON list.</param>
/// <param name="Mounts">Where its container sees them, as a JSON list.</param>
internal sealed record StoragePod(string Name, string Volumes, string Mounts)
{
    /// <summary>What its container runs.</summary>
    public string Script { get; init; } = "trap 'exit 0' TERM; while true; do sleep 1; done";

    /// <summary>Its security context, as a JSON object.</summary>
    public string SecurityContext { get; init; } = "{}";

    /// <summary>What its container asks for and may have, as a JSON object.</summary>
    public string Resources { get; init; } = "{}";

    /// <summary>Its environment, as a JSON list.</summary>
    public string Environment { get; init; } = "[]";

    /// <summary>Labels and annotations, as members of its metadata.</summary>
    public string Metadata { get; init; } = "";

    /// <summary>A user that is not root.</summary>
    public const string NonRoot = """{ "runAsUser": 1001 }""";

    /// <summary>Makes the pod, waits for its end, which must be a good one, and returns what it printed.</summary>
    public async Task<string> OutputAsync(Kubectl kubectl, CancellationToken cancellationToken)
    {
        await CreateAsync(kubectl, cancellationToken);
        var phase = await Eventually.BecomesAsync(
            () => kubectl.ReadAsync(cancellationToken, "pod", Name, "{.status.phase}"), static phase => phase is "Succeeded" or "Failed", cancellationToken);
        var output = await kubectl.RunAsync(cancellationToken, "logs", Name);
        Assert.True(phase == "Succeeded", $"the pod failed:\n{output}");
        await kubectl.RunAsync(cancellationToken, "delete", "pod", Name, "--wait=false", "--grace-period=0", "--force");
        return output;
    }

    /// <summary>Makes the pod and waits until it is ready.</summary>
    public async Task StartAsync(Kubectl kubectl, CancellationToken cancellationToken)
    {
        await CreateAsync(kubectl, cancellationToken);
        await kubectl.RunAsync(cancellationToken, "wait", "--for=condition=Ready", $"pod/{Name}", "--timeout=60s");
    }

    /// <summary>Makes the pod.</summary>
    public async Task CreateAsync(Kubectl kubectl, CancellationToken cancellationToken) =>
        (await kubectl.FeedAsync(Manifest(), cancellationToken, "apply", "-f", "-")).Succeeded();

    /// <summary>Runs a command in the running pod.</summary>
    public Task<string> ExecAsync(Kubectl kubectl, CancellationToken cancellationToken, string script) =>
        kubectl.RunAsync(cancellationToken, "exec", Name, "--", "sh", "-c", script);

    private string Manifest() => $$"""
        {
          "apiVersion": "v1", "kind": "Pod",
          "metadata": { "name": "{{Name}}"{{(Metadata.Length > 0 ? ", " + Metadata : "")}} },
          "spec": {
            "restartPolicy": "Never", "terminationGracePeriodSeconds": 1, "automountServiceAccountToken": false, "securityContext": {{SecurityContext}},
            "containers": [{
              "name": "main", "image": "kybernet.local/web:1.0", "command": ["sh", "-c", {{System.Text.Json.JsonSerializer.Serialize(Script)}}],
              "env": {{Environment}}, "resources": {{Resources}}, "volumeMounts": {{Mounts}}
            }],
            "volumes": {{Volumes}}
          }
        }
        """;
}
