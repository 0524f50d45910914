using System.Globalization;
using Kybernet.Api.Certificates.V1;
using Kybernet.Api.Flowcontrol.V1;

namespace Kybernet.ApiServer.Resources.Extensions;

/// <summary>How the kinds that extend and steer the API are shown.</summary>
internal static class ExtensionTables
{
    public static TableDefinition ApiServices { get; } = new(
        [Columns.Name, Columns.Text("Service", "Who serves the group."), Columns.Text("Available", "Whether it answers."), Columns.Age],
        static (item, now) =>
        {
            var service = item.As<Kybernet.Api.Apiregistration.V1.APIService>();
            var available = service.Status.Conditions.FirstOrDefault(condition => condition.Type == "Available");
            return
            [
                service.Metadata.Name, service.Spec.Service is { } backend ? $"{backend.Namespace}/{backend.Name}" : "Local",
                available is null ? "Unknown" : available.Status == "True" ? "True" : $"{available.Status} ({available.Reason})",
                Columns.AgeOf(service.Metadata, now),
            ];
        });

    public static TableDefinition SigningRequests { get; } = new(
        [
            Columns.Name,
            Columns.Age,
            Columns.Text("SignerName", "Who is to sign."),
            Columns.Text("Requestor", "Who asks."),
            Columns.Text("RequestedDuration", "How long the certificate is to hold."),
            Columns.Text("Condition", "What has become of the request."),
        ],
        static (item, now) =>
        {
            var request = item.As<CertificateSigningRequest>();
            return
            [
                request.Metadata.Name, Columns.AgeOf(request.Metadata, now), request.Spec.SignerName, request.Spec.Username ?? "",
                request.Spec.ExpirationSeconds is { } seconds ? Columns.Human(TimeSpan.FromSeconds(seconds)) : "<none>", Condition(request),
            ];
        });

    public static TableDefinition RuntimeClasses { get; } = new(
        [Columns.Name, Columns.Text("Handler", "The handler of the container runtime."), Columns.Age],
        static (item, now) =>
        {
            var runtime = item.As<Kybernet.Api.Node.V1.RuntimeClass>();
            return [runtime.Metadata.Name, runtime.Handler, Columns.AgeOf(runtime.Metadata, now)];
        });

    public static TableDefinition FlowSchemas { get; } = new(
        [
            Columns.Name,
            Columns.Text("PriorityLevel", "The level of the requests."),
            Columns.Number("MatchingPrecedence", "Which schema is asked first."),
            Columns.Text("DistinguisherMethod", "What tells flows apart."),
            Columns.Age,
            Columns.Text("MissingPL", "Whether the level is missing."),
        ],
        static (item, now) =>
        {
            var schema = item.As<FlowSchema>();
            var dangling = schema.Status.Conditions.FirstOrDefault(condition => condition.Type == "Dangling");
            return
            [
                schema.Metadata.Name, schema.Spec.PriorityLevelConfiguration.Name, (long)(schema.Spec.MatchingPrecedence ?? 0),
                schema.Spec.DistinguisherMethod?.Type ?? "<none>", Columns.AgeOf(schema.Metadata, now), dangling?.Status ?? "?",
            ];
        });

    public static TableDefinition PriorityLevels { get; } = new(
        [
            Columns.Name,
            Columns.Text("Type", "Whether the level is limited."),
            Columns.Text("NominalConcurrencyShares", "Its share of the server."),
            Columns.Text("Queues", "How many queues it has."),
            Columns.Text("HandSize", "How many queues a flow is dealt."),
            Columns.Text("QueueLengthLimit", "How long a queue may be."),
            Columns.Age,
        ],
        static (item, now) =>
        {
            var level = item.As<PriorityLevelConfiguration>();
            var shares = level.Spec.Limited?.NominalConcurrencyShares ?? level.Spec.Exempt?.NominalConcurrencyShares;
            var queuing = level.Spec.Limited?.LimitResponse?.Queuing;
            return
            [
                level.Metadata.Name, level.Spec.Type, Text(shares), Text(queuing?.Queues), Text(queuing?.HandSize), Text(queuing?.QueueLengthLimit),
                Columns.AgeOf(level.Metadata, now),
            ];
        });

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "<none>";

    private static string Condition(CertificateSigningRequest request)
    {
        bool Has(string type) => request.Status.Conditions.Any(condition => condition.Type == type);
        var text = Has("Denied") ? "Denied" : Has("Approved") ? "Approved" : "Pending";
        text += Has("Failed") ? ",Failed" : "";
        return request.Status.Certificate is { Length: > 0 } ? text + ",Issued" : text;
    }
}
