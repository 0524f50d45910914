using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Kybernet.Kubelet.Configuration;
using Kybernet.Kubelet.Pods;
using Microsoft.AspNetCore.Http;

namespace Kybernet.Kubelet.Server;

/// <summary>Answers what concerns the node as a whole: whether the kubelet is well, what it was told, and the machine's logs.</summary>
internal sealed class NodeEndpoints(KubeletOptions options, PodManager pods)
{
    private static readonly string[] Checks = ["ping", "log", "syncloop"];

    public Task HealthAsync(HttpContext context, string check)
    {
        if (check.Length > 0 && !Checks.Contains(check))
        {
            return PlainText.RespondAsync(context, StatusCodes.Status404NotFound, "404 page not found");
        }
        // Someone who restarts kubelets that are stuck asks here.
        var isStuck = check is "" or "syncloop" && !pods.IsLooking;
        return isStuck
            ? PlainText.RespondAsync(context, StatusCodes.Status500InternalServerError, "[+]ping ok\n[+]log ok\n[-]syncloop failed: reason withheld\nhealthz check failed\n")
            : PlainText.RespondAsync(context, StatusCodes.Status200OK, "ok");
    }

    public Task ConfigurationAsync(HttpContext context) => PlainText.RespondAsync(
        context, StatusCodes.Status200OK, new JsonObject { ["kubeletconfig"] = ConfigurationWriter.Write(options) }.ToJsonString(), "application/json");

    /// <summary>A file of the machine's logs, or what a folder of them holds.</summary>
    public async Task LogsAsync(HttpContext context, IReadOnlyList<string> parts)
    {
        var path = Path.GetFullPath(Path.Combine([options.SystemLogsDirectory, .. parts]));
        if (!options.ServesSystemLogs || !(path + "/").StartsWith(options.SystemLogsDirectory + "/", StringComparison.Ordinal))
        {
            throw new KubeletRequestException(StatusCodes.Status404NotFound, "404 page not found");
        }
        if (Directory.Exists(path))
        {
            await PlainText.RespondAsync(context, StatusCodes.Status200OK, List(path), "text/html; charset=utf-8");
            return;
        }
        if (!File.Exists(path))
        {
            throw new KubeletRequestException(StatusCodes.Status404NotFound, "404 page not found");
        }
        context.Response.ContentType = "text/plain; charset=utf-8";
        // Whoever writes it goes on writing, and may move it away.
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await file.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static string List(string folder)
    {
        var text = new StringBuilder("<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n");
        foreach (var entry in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(entry) + (Directory.Exists(entry) ? "/" : "");
            text.Append("<a href=\"").Append(Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal)).Append("\">").Append(WebUtility.HtmlEncode(name)).Append("</a>\n");
        }
        return text.Append("</pre>\n").ToString();
    }
}
