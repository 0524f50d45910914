using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;

namespace Kybernet.Api.Tests.Validation;

public sealed class NamesTests
{
    private static readonly FieldPath Metadata = FieldPath.Of("metadata");

    [Theory]
    [InlineData("a", true)]
    [InlineData("1-a", true)]
    [InlineData("a-", false)]
    [InlineData("A", false)]
    [InlineData("a.b", false)]
    [InlineData("", false)]
    public void A_label_is_lower_case_letters_digits_and_hyphens(string name, bool good) => Assert.Equal(good, Names.Dns1123Label(name).Count == 0);

    [Fact]
    public void Messages_are_upstreams()
    {
        Assert.Equal(["must not contain dots"], Names.Dns1123Label("a.b"));
        Assert.Equal(
            ["a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"],
            Names.Dns1123Label("A"));
        Assert.Equal(["must be no more than 63 characters"], Names.Dns1123Label(new string('a', 64)));
        Assert.Equal(
            ["a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"],
            Names.Dns1123Subdomain("a..b"));
        Assert.StartsWith("name part must be non-empty", Names.QualifiedName("a/")[0], StringComparison.Ordinal);
        Assert.Equal("prefix part must be non-empty", Names.QualifiedName("/a")[0]);
        Assert.Equal("must be between 1 and 65535, inclusive", Rules.PortNumber(0)[0]);
    }

    [Theory]
    [InlineData("example.com/MyName", true)]
    [InlineData("my_name.x", true)]
    [InlineData("A.com/x", false)]
    [InlineData("-x", false)]
    public void A_qualified_name_may_have_a_subdomain_before_it(string name, bool good) => Assert.Equal(good, Names.QualifiedName(name).Count == 0);

    [Theory]
    [InlineData("http", 0)]
    [InlineData("80", 1)]
    [InlineData("-a", 1)]
    [InlineData("a--b", 1)]
    [InlineData("Ab", 1)]
    [InlineData("sixteencharsname", 1)]
    public void A_ports_name_is_short_and_has_a_letter(string name, int errors) => Assert.Equal(errors, Texts.PortName(name).Count);

    [Theory]
    [InlineData("10.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("10.1", false)]
    [InlineData("256.0.0.1", false)]
    [InlineData("fe80::1%eth0", false)]
    public void An_address_is_in_one_of_two_forms(string address, bool good) => Assert.Equal(good, Texts.IPAddress(address).Count == 0);

    [Fact]
    public void Metadata_that_breaks_every_rule_is_told_of_all_of_them()
    {
        var errors = new FieldErrors();
        var metadata = new ObjectMeta
        {
            Name = "A",
            Labels = new Dictionary<string, string> { ["a b"] = "-" },
            Annotations = new Dictionary<string, string> { ["x"] = new string('y', 256 * 1024) },
            Finalizers = ["orphan", "foregroundDeletion"],
            OwnerReferences =
            [
                new OwnerReference { ApiVersion = "v1", Kind = "Pod", Name = "a", Uid = "1", Controller = true },
                new OwnerReference { ApiVersion = "v1", Kind = "Pod", Name = "b", Uid = "2", Controller = true },
            ],
        };
        ObjectMetaValidation.Validate(metadata, namespaced: true, Names.Dns1123Subdomain, errors, Metadata);
        Assert.Equal(
            ["metadata.name", "metadata.namespace", "metadata.labels", "metadata.labels[a b]", "metadata.annotations", "metadata.ownerReferences", "metadata.finalizers"],
            errors.Items.Select(error => error.Field));
        Assert.Equal("metadata.annotations: Too long: may not be more than 262144 bytes", errors.Items[4].ToString());
        Assert.EndsWith(
            "Only one reference can have Controller set to true. Found \"true\" in references for Pod/a and Pod/b", errors.Items[5].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_update_may_not_change_what_names_the_object()
    {
        var errors = new FieldErrors();
        var old = new ObjectMeta { Name = "a", Uid = "1", DeletionTimestamp = DateTimeOffset.UnixEpoch, Generation = 2 };
        ObjectMetaValidation.ValidateUpdate(new ObjectMeta { Name = "b", Uid = "1", Finalizers = ["example.com/new"], Generation = 1 }, old, errors, Metadata);
        Assert.Equal(
            [
                "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"example.com/new\"}",
                "metadata.resourceVersion: Invalid value: \"\": must be specified for an update",
                "metadata.generation: Invalid value: 1: must not be decremented",
                "metadata.name: Invalid value: \"b\": field is immutable",
                "metadata.deletionTimestamp: Invalid value: null: field is immutable",
            ],
            errors.Items.Select(error => error.ToString()));
    }

    [Fact]
    public void A_generated_names_prefix_may_end_with_a_hyphen()
    {
        Assert.Empty(Names.Prefix("web-", Names.Dns1123Label));
        Assert.NotEmpty(Names.Prefix("web_", Names.Dns1123Label));
    }
}
