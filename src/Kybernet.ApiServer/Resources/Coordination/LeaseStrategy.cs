using Kybernet.Api;
using Kybernet.Api.Coordination.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Coordination;

/// <summary>Leases: who does something, and until when.</summary>
internal sealed class LeaseStrategy : DefaultStrategy
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public override bool AllowsCreateOnUpdate => true;

    public override bool AllowsUnconditionalUpdate => false;

    public override bool HasGeneration => false;

    public override TableDefinition Table { get; } = TableBuilder.For<Lease>()
        .Name()
        .Text("Holder", "Who holds the lease.", static item => item.Spec.HolderIdentity ?? "")
        .Age()
        .Build();

    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<Lease>().Spec;
        if (spec.LeaseDurationSeconds is <= 0)
        {
            errors.Invalid(Spec.Child("leaseDurationSeconds"), spec.LeaseDurationSeconds, "must be greater than 0");
        }
        if (spec.LeaseTransitions is < 0)
        {
            errors.Invalid(Spec.Child("leaseTransitions"), spec.LeaseTransitions, FieldRules.Negative);
        }
        if (spec.Strategy is { } strategy and not "OldestEmulationVersion" && !strategy.Contains('/'))
        {
            errors.NotSupported(Spec.Child("strategy"), strategy, ["OldestEmulationVersion"]);
        }
        if (!string.IsNullOrEmpty(spec.PreferredHolder) && string.IsNullOrEmpty(spec.Strategy))
        {
            errors.Forbidden(Spec.Child("preferredHolder"), "may only be specified if `strategy` is defined");
        }
    }

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) => ValidateCreate(item, errors);
}
