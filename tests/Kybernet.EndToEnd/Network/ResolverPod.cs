using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd.Network;

/// <summary>A pod that asks for names, and what it needs to be answered.</summary>
internal sealed class ResolverPod(Kubectl kubectl, CancellationToken cancellationToken)
{
    public Kubectl Kubectl => kubectl;

    public string Namespace => kubectl.Namespace;

    public async Task ApplyAsync(string yaml) =>
        (await kubectl.FeedAsync(yaml, cancellationToken, "apply", "-f", "-")).Succeeded();

    /// <summary>Runs a pod with the label <c>app</c> and waits until it is ready.</summary>
    public async Task RunBackendAsync(string name, string spec)
    {
        await ApplyAsync($$"""
            {apiVersion: v1, kind: Pod, metadata: {name: '{{name}}', labels: {app: '{{name}}' } },
             spec: { {{spec}} containers: [{name: web, image: 'kybernet.local/web:1.0', ports: [{containerPort: 8080}]}] } }
            """);
        await kubectl.RunAsync(cancellationToken, "wait", "--for=condition=Ready", $"pod/{name}", "--timeout=60s");
    }

    public Task<string> ExecAsync(params string[] command) => kubectl.RunAsync(cancellationToken, ["exec", "client", "--", .. command]);

    /// <summary>The address that a program gets for a name.</summary>
    public async Task<string> GetentAsync(string name)
    {
        var result = await kubectl.TryAsync(cancellationToken, "exec", "client", "--", "getent", "ahostsv4", name);
        return result.Output.Split(' ')[0];
    }

    public async Task<string> DigAsync(params string[] arguments) => (await ExecAsync(["dig", .. arguments])).Trim();

    /// <summary>Waits until a question gets the answer.</summary>
    public Task ResolvesAsync(Func<Task<string>> ask, string expected, bool lastLine = false) =>
        Eventually.BecomesAsync(ask, answer => (lastLine ? answer.Split('\n')[^1] : answer) == expected, cancellationToken);
}
