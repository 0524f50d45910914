using System.Text;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest.Paths;

/// <summary>One thing that has to be so for the server to be healthy.</summary>
/// <param name="Name">As the verbose answer lists it.</param>
/// <param name="Check">Says what is wrong; null where nothing is.</param>
/// <param name="ForLiveness">Whether a restart would help: what only delays readiness is left out of <c>/livez</c>.</param>
internal sealed record HealthCheck(string Name, Func<CancellationToken, ValueTask<string?>> Check, bool ForLiveness = true);

/// <summary><c>/healthz</c>, <c>/livez</c> and <c>/readyz</c>: each with <c>?verbose</c>, <c>?exclude=NAME</c> and a path a check.</summary>
internal sealed class HealthHandler(IReadOnlyList<HealthCheck> checks) : IPathHandler
{
    /// <inheritdoc/>
    public bool Handles(string path) => Endpoint(path) is not null;

    /// <inheritdoc/>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var endpoint = Endpoint(request.Path)!;
        var single = request.Path.Length > endpoint.Length + 1 ? request.Path[(endpoint.Length + 1)..] : "";
        var chosen = checks.Where(check => (endpoint != "/livez" || check.ForLiveness) && (single.Length == 0 || check.Name == single)).ToArray();
        if (chosen.Length == 0)
        {
            throw ApiError.PathNotFound();
        }
        var excluded = request.Query["exclude"];
        var text = new StringBuilder();
        var failed = false;
        foreach (var check in chosen)
        {
            if (excluded.Contains(check.Name))
            {
                text.Append("[+]").Append(check.Name).Append(" excluded: ok\n");
                continue;
            }
            var problem = await check.Check(cancellationToken);
            failed |= problem is not null;
            // The reason may say more than a stranger should know; it is in the log.
            text.Append(problem is null ? "[+]" : "[-]").Append(check.Name).Append(problem is null ? " ok\n" : " failed: reason withheld\n");
        }
        text.Append(endpoint[1..]).Append(failed ? " check failed\n" : " check passed\n");
        return !failed && !request.Query.ContainsKey("verbose") ? BodyResponse.Text(200, "ok") : BodyResponse.Text(failed ? 500 : 200, text.ToString());
    }

    private static string? Endpoint(string path)
    {
        foreach (var endpoint in (ReadOnlySpan<string>)["/healthz", "/livez", "/readyz"])
        {
            if (path == endpoint || path.StartsWith(endpoint + "/", StringComparison.Ordinal))
            {
                return endpoint;
            }
        }
        return null;
    }
}
