using Kybernet.Api;
using Kybernet.Api.Scheduling.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Scheduling;

/// <summary>PriorityClasses.</summary>
internal static class PriorityClasses
{
    private const int HighestOfUsers = 1_000_000_000;

    public static TableDefinition Table { get; } = TableBuilder.For<PriorityClass>()
        .Name()
        .Number("Value", "The priority.", static item => item.Value ?? 0)
        .Flag("Global-Default", "Whether pods without a class have this one.", static item => item.GlobalDefault == true)
        .Age()
        .Text("PreemptionPolicy", "Whether pods of the class take the place of others.", static item => item.PreemptionPolicy ?? "")
        .Build();

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var priority = item.As<PriorityClass>();
        var name = priority.Metadata.Name ?? "";
        if (name.StartsWith("system-", StringComparison.Ordinal))
        {
            if (name is not ("system-cluster-critical" or "system-node-critical"))
            {
                errors.Forbidden(FieldPath.Of("metadata").Child("name"),
                    "priority class names with 'system-' prefix are reserved for system use only. error: " + $"{name} is not a known system priority class");
            }
        }
        else if (priority.Value > HighestOfUsers)
        {
            errors.Forbidden(FieldPath.Of("value"), $"maximum allowed value of a user defined priority is {HighestOfUsers}");
        }
        errors.OneOf(priority.PreemptionPolicy, FieldPath.Of("[]"), "preemptionPolicy", ["PreemptLowerPriority", "Never"]);
    }

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        var (priority, old) = (item.As<PriorityClass>(), previous.As<PriorityClass>());
        if (priority.Value != old.Value)
        {
            errors.Forbidden(FieldPath.Of("value"), "may not be changed in an update.");
        }
        if (priority.PreemptionPolicy != old.PreemptionPolicy)
        {
            errors.Invalid(FieldPath.Of("preemptionPolicy"), priority.PreemptionPolicy, FieldRules.Immutable);
        }
    }
}
