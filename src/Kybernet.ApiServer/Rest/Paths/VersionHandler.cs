using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest.Paths;

/// <summary><c>/version</c>.</summary>
internal sealed class VersionHandler : IPathHandler
{
    private readonly BodyResponse _answer = BodyResponse.Json(200, new JsonObject
    {
        ["major"] = ServerVersion.Major,
        ["minor"] = ServerVersion.Minor,
        ["emulationMajor"] = ServerVersion.Major,
        ["emulationMinor"] = ServerVersion.Minor,
        ["minCompatibilityMajor"] = ServerVersion.Major,
        ["minCompatibilityMinor"] = ServerVersion.Minor,
        ["gitVersion"] = ServerVersion.Git,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = RuntimeInformation.FrameworkDescription,
        ["compiler"] = "ilc",
        ["platform"] = $"linux/{ServerVersion.Architecture}",
    });

    /// <inheritdoc/>
    public bool Handles(string path) => path is "/version" or "/version/";

    /// <inheritdoc/>
    public ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken) => new(_answer);
}
