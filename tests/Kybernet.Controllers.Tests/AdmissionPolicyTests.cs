using Kybernet.Api.Admissionregistration.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client.Tests;

namespace Kybernet.Controllers.Tests;

/// <summary>What is said of ValidatingAdmissionPolicies, on the real API server.</summary>
public sealed class AdmissionPolicyTests : ClusterTest
{
    private protected override ServerInProcess Server { get; } = new();

    [Fact]
    public async Task A_policy_whose_expressions_do_not_fit_the_types_that_it_is_about_is_warned_of()
    {
        await Client.CreateAsync(Policy("wrong", "object.spec.replicas == 'x' || object.nothing"), Cancellation);
        await Client.CreateAsync(Policy("right", "object.spec.replicas < 5 && object.metadata.creationTimestamp < timestamp('2999-01-01T00:00:00Z')"), Cancellation);

        await Eventually.TrueAsync(() => Find<ValidatingAdmissionPolicy>("", "wrong")!.Status.ObservedGeneration == 1, "the wrong one is looked at");
        await Eventually.TrueAsync(() => Find<ValidatingAdmissionPolicy>("", "right")!.Status.ObservedGeneration == 1, "the right one is looked at");

        Assert.Empty(Find<ValidatingAdmissionPolicy>("", "right")!.Status.TypeChecking?.ExpressionWarnings ?? []);
        var warning = Assert.Single(Find<ValidatingAdmissionPolicy>("", "wrong")!.Status.TypeChecking!.ExpressionWarnings);
        Assert.Equal("spec.validations[0].expression", warning.FieldRef);
        Assert.Equal(
            "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_==_' applied to '(int, string)'\n | object.spec.replicas == 'x' || object.nothing\n | .....................^\n"
            + "ERROR: <input>:1:38: undefined field 'nothing'\n | object.spec.replicas == 'x' || object.nothing\n | .....................................^\n",
            warning.Warning);
    }

    private static ValidatingAdmissionPolicy Policy(string name, string expression) => new()
    {
        Metadata = new ObjectMeta { Name = name },
        Spec = new ValidatingAdmissionPolicySpec
        {
            FailurePolicy = "Fail",
            MatchConstraints = new MatchResources
            {
                ResourceRules = [new NamedRuleWithOperations { ApiGroups = ["apps"], ApiVersions = ["v1"], Operations = ["CREATE"], Resources = ["deployments"] }],
            },
            Validations = [new Validation { Expression = expression }],
        },
    };
}
