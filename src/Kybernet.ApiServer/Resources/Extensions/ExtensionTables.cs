using System.Globalization;
using Kybernet.Api.Apiregistration.V1;
using Kybernet.Api.Certificates.V1;
using Kybernet.Api.Flowcontrol.V1;
using Kybernet.Api.Node.V1;
using Kybernet.Api.Times;

namespace Kybernet.ApiServer.Resources.Extensions;

/// <summary>How the kinds that extend and steer the API are shown.</summary>
internal static class ExtensionTables
{
    public static TableDefinition ApiServices { get; } = TableBuilder.For<APIService>()
        .Name()
        .Text("Service", "Who serves the group.", static item => item.Spec.Service is { } backend ? $"{backend.Namespace}/{backend.Name}" : "Local")
        .Text("Available", "Whether it answers.", Available)
        .Age()
        .Build();

    public static TableDefinition SigningRequests { get; } = TableBuilder.For<CertificateSigningRequest>()
        .Name()
        .Age()
        .Text("SignerName", "Who is to sign.", static item => item.Spec.SignerName)
        .Text("Requestor", "Who asks.", static item => item.Spec.Username ?? "")
        .Text("RequestedDuration", "How long the certificate is to hold.", Duration)
        .Text("Condition", "What has become of the request.", Condition)
        .Build();

    public static TableDefinition RuntimeClasses { get; } = TableBuilder.For<RuntimeClass>()
        .Name()
        .Text("Handler", "The handler of the container runtime.", static item => item.Handler)
        .Age()
        .Build();

    public static TableDefinition FlowSchemas { get; } = TableBuilder.For<FlowSchema>()
        .Name()
        .Text("PriorityLevel", "The level of the requests.", static item => item.Spec.PriorityLevelConfiguration.Name)
        .Number("MatchingPrecedence", "Which schema is asked first.", static item => item.Spec.MatchingPrecedence ?? 0)
        .Text("DistinguisherMethod", "What tells flows apart.", static item => item.Spec.DistinguisherMethod?.Type ?? "<none>")
        .Age()
        .Text("MissingPL", "Whether the level is missing.", static item => item.Status.Conditions.FirstOrDefault(condition => condition.Type == "Dangling")?.Status ?? "?")
        .Build();

    public static TableDefinition PriorityLevels { get; } = TableBuilder.For<PriorityLevelConfiguration>()
        .Name()
        .Text("Type", "Whether the level is limited.", static item => item.Spec.Type)
        .Text(
            "NominalConcurrencyShares", "Its share of the server.",
            static item => Text(item.Spec.Limited?.NominalConcurrencyShares ?? item.Spec.Exempt?.NominalConcurrencyShares))
        .Text("Queues", "How many queues it has.", static item => Text(Queuing(item)?.Queues))
        .Text("HandSize", "How many queues a flow is dealt.", static item => Text(Queuing(item)?.HandSize))
        .Text("QueueLengthLimit", "How long a queue may be.", static item => Text(Queuing(item)?.QueueLengthLimit))
        .Age()
        .Build();

    private static string Available(APIService service) => service.Status.Conditions.FirstOrDefault(condition => condition.Type == "Available") switch
    {
        null => "Unknown",
        { Status: "True" } => "True",
        var condition => $"{condition.Status} ({condition.Reason})",
    };

    private static string Duration(CertificateSigningRequest request) =>
        request.Spec.ExpirationSeconds is { } seconds ? HumanDuration.Format(TimeSpan.FromSeconds(seconds)) : "<none>";

    private static QueuingConfiguration? Queuing(PriorityLevelConfiguration level) => level.Spec.Limited?.LimitResponse?.Queuing;

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "<none>";

    private static string Condition(CertificateSigningRequest request)
    {
        bool Has(string type) => request.Status.Conditions.Any(condition => condition.Type == type);
        var text = Has("Denied") ? "Denied" : Has("Approved") ? "Approved" : "Pending";
        text += Has("Failed") ? ",Failed" : "";
        return request.Status.Certificate is { Length: > 0 } ? text + ",Issued" : text;
    }
}
