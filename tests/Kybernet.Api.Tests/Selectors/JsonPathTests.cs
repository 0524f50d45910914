using System.Text.Json.Nodes;
using Kybernet.Api.Selectors;

namespace Kybernet.Api.Tests.Selectors;

public sealed class JsonPathTests
{
    private static readonly JsonNode Item = JsonNode.Parse("""
        {"spec":{"replicas":3,"a.b":"dotted","list":[{"name":"x","port":80},{"name":"y","port":443}],"map":{"k":"v","l":"w"}}}
        """)!;

    [Theory]
    [InlineData(".spec.replicas", "3")]
    [InlineData(".spec['replicas']", "3")]
    [InlineData(".spec.a\\.b", "dotted")]
    [InlineData(".spec[\"a.b\"]", "dotted")]
    [InlineData(".spec.list[0].name", "x")]
    [InlineData(".spec.list[-1].name", "y")]
    [InlineData(".spec.list[*].name", "x y")]
    [InlineData(".spec.map.*", "v w")]
    [InlineData(".spec.list[?(@.name==\"y\")].port", "443")]
    [InlineData(".spec.list[?(@.port>100)].name", "y")]
    [InlineData(".spec.list[?(@.name!='y')].name", "x")]
    [InlineData(".spec.list[7].name", "")]
    [InlineData(".status.phase", "")]
    public void An_expression_leads_to_what_it_names(string path, string expected) =>
        Assert.Equal(expected, string.Join(' ', JsonPath.Parse(path).Find(Item).Select(static node => node.ToString())));

    [Theory]
    [InlineData("spec")]
    [InlineData(".spec[")]
    [InlineData(".spec[x]")]
    [InlineData(".spec..")]
    [InlineData(".spec[?(name==1)]")]
    public void A_malformed_expression_is_refused(string path) => Assert.Throws<FormatException>(() => JsonPath.Parse(path));
}
