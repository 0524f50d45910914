using Kybernet.EndToEnd.Fixture;

namespace Kybernet.EndToEnd;

/// <summary>What several tests do with <c>examples/web.yaml</c>.</summary>
internal static class WebExample
{
    /// <summary>Creates the example and waits until it is rolled out.</summary>
    public static async Task CreateAsync(this Kubectl kubectl, CancellationToken cancellationToken)
    {
        await kubectl.RunAsync(cancellationToken, "create", "-f", Repository.Example("web.yaml"));
        await kubectl.RolledOutAsync(cancellationToken);
    }

    public static Task<string> RolledOutAsync(this Kubectl kubectl, CancellationToken cancellationToken) =>
        kubectl.RunAsync(cancellationToken, "rollout", "status", "deployment/web", "--timeout=90s");

    /// <summary>The names of the example's pods that are not being deleted.</summary>
    public static async Task<IReadOnlyList<string>> PodsAsync(this Kubectl kubectl, CancellationToken cancellationToken)
    {
        var pods = await kubectl.RunAsync(
            cancellationToken, "get", "pods", "-l", "app=web", "-o",
            "go-template={{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}}{{\"\\n\"}}{{end}}{{end}}");
        return pods.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>What a pod serves to the machine that it runs on.</summary>
    public static Task<string> PageAsync(this Kubectl kubectl, string pod, CancellationToken cancellationToken) =>
        GetAsync(kubectl, pod, "/", cancellationToken);

    /// <summary>Asks a pod for what its server tells of in its log, which the page, made by a script, is not.</summary>
    public static Task<string> HealthAsync(this Kubectl kubectl, string pod, CancellationToken cancellationToken) =>
        GetAsync(kubectl, pod, "/healthz", cancellationToken);

    private static async Task<string> GetAsync(Kubectl kubectl, string pod, string path, CancellationToken cancellationToken)
    {
        var address = await kubectl.ReadAsync(cancellationToken, "pod", pod, "{.status.podIP}");
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri($"http://{address}:8080{path}"), cancellationToken);
    }
}
