using Kybernet.Api.Apiregistration.V1;

namespace Kybernet.ApiServer.Aggregation;

/// <summary>Whether an APIService's server answers, and how that is known.</summary>
internal sealed record Availability(bool IsAvailable, string Reason, string Message)
{
    private const string Type = "Available";

    /// <summary>What is served here is always there.</summary>
    public static Availability Local { get; } = new(true, "Local", "Local APIServices are always available");

    /// <summary>What is elsewhere, and answers.</summary>
    public static Availability Passed { get; } = new(true, "Passed", "all checks passed");

    /// <summary>What is elsewhere, and cannot be asked.</summary>
    public static Availability Failed(string reason, string message) => new(false, reason, message);

    /// <summary>Whether an APIService was available when it was last looked at.</summary>
    public static bool Of(APIService service) => service.Status.Conditions.Any(static condition => condition is { Type: Type, Status: "True" });

    /// <summary>An APIService's status that says so; the same one where it does already.</summary>
    public APIServiceStatus In(APIServiceStatus status, DateTimeOffset now)
    {
        var value = IsAvailable ? "True" : "False";
        var known = status.Conditions.FirstOrDefault(static condition => condition.Type == Type);
        if (known is not null && known.Status == value && known.Reason == Reason && known.Message == Message)
        {
            return status;
        }
        var condition = new APIServiceCondition
        {
            Type = Type, Status = value, Reason = Reason, Message = Message, LastTransitionTime = known?.Status == value ? known.LastTransitionTime : now,
        };
        return status with { Conditions = [.. status.Conditions.Where(static other => other.Type != Type), condition] };
    }
}
