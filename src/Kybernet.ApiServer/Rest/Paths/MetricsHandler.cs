using System.Globalization;
using System.Text;
using Kybernet.ApiServer.Admission.PodSecurity;
using Kybernet.ApiServer.Audit;
using Kybernet.ApiServer.FlowControl;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Storage;

namespace Kybernet.ApiServer.Rest.Paths;

/// <summary><c>/metrics</c>, in Prometheus' text format.</summary>
internal sealed class MetricsHandler(RequestMetrics requests, StoreFollower follower, PodSecurityMetrics podSecurity, Auditor? auditor, PriorityAndFairness? fairness) : IPathHandler
{
    /// <inheritdoc/>
    public bool Handles(string path) => path == "/metrics";

    /// <inheritdoc/>
    public ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        requests.WriteTo(text);
        podSecurity.WriteTo(text);
        auditor?.WriteMetricsTo(text);
        if (fairness is not null)
        {
            FlowControlMetrics.WriteTo(text, fairness.Levels);
        }
        text.Append("# HELP apiserver_storage_objects Stored objects by resource.\n# TYPE apiserver_storage_objects gauge\n");
        foreach (var (resource, cache) in follower.Caches)
        {
            text.Append(CultureInfo.InvariantCulture, $"apiserver_storage_objects{{resource=\"{resource}\"}} {cache.Snapshot.Items.Count}\n");
        }
        text.Append("# HELP process_resident_memory_bytes Resident memory size in bytes.\n# TYPE process_resident_memory_bytes gauge\n");
        text.Append(CultureInfo.InvariantCulture, $"process_resident_memory_bytes {Environment.WorkingSet}\n");
        return new(new BodyResponse(200, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(text.ToString())));
    }
}
