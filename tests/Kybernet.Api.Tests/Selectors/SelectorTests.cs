using Kybernet.Api.Meta.V1;
using Kybernet.Api.Selectors;

namespace Kybernet.Api.Tests.Selectors;

public sealed class SelectorTests
{
    [Theory]
    [InlineData("", "a=1", true)]
    [InlineData("a=1", "a=1,b=2", true)]
    [InlineData("a==1", "a=2", false)]
    [InlineData("a!=1", "", true)]
    [InlineData("a!=1", "a=1", false)]
    [InlineData("a in (1, 2)", "a=2", true)]
    [InlineData("a in (1,2)", "", false)]
    [InlineData("a notin (1,2)", "", true)]
    [InlineData("a notin (1,2)", "a=1", false)]
    [InlineData("a", "a=", true)]
    [InlineData("!a", "a=", false)]
    [InlineData("a=", "a=", true)]
    [InlineData("a in (,x)", "a=", true)]
    [InlineData("a>5", "a=6", true)]
    [InlineData("a>5", "a=x", false)]
    [InlineData("a<5,b", "a=4,b=1", true)]
    [InlineData("in in (in)", "in=in", true)]
    public void Labels_match_what_they_satisfy(string selector, string labels, bool matches) =>
        Assert.Equal(matches, Selector.Parse(selector).Matches(Labels(labels)));

    [Theory]
    [InlineData("b=1, a in (z,y) ,!c", "a in (y,z),b=1,!c")]
    [InlineData("x==1", "x==1")]
    [InlineData("x notin (b,a,b)", "x notin (a,b)")]
    [InlineData("x in ()", "x in ()")]
    [InlineData("x > 1", "x>1")]
    public void The_canonical_form_is_ordered_and_parses_back(string selector, string canonical)
    {
        Assert.Equal(canonical, Selector.Parse(selector).ToString());
        Assert.Equal(canonical, Selector.Parse(canonical).ToString());
    }

    [Theory]
    [InlineData("x=a||y=b", "unable to parse requirement: values[0][x]: Invalid value: \"a||y\"")]
    [InlineData("x,", "found '', expected: identifier after ','")]
    [InlineData("x y", "unable to parse requirement: found 'y', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("x in a", "unable to parse requirement: found 'a' expected: '('")]
    [InlineData("x in (a", "unable to parse requirement: found '', expected: ',' or ')'")]
    [InlineData(",x", "found ',', expected: !, identifier, or 'end of string'")]
    [InlineData("x=1 y=2", "found 'y', expected: ',' or 'end of string'")]
    [InlineData("a/b/c=1", "unable to parse requirement: <nil>: Invalid value: \"a/b/c\": a qualified name must consist of")]
    [InlineData("a>x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer")]
    public void A_malformed_selector_is_refused_in_upstreams_words(string selector, string message) =>
        Assert.StartsWith(message, Assert.Throws<SelectorException>(() => Selector.Parse(selector)).Message, StringComparison.Ordinal);

    [Fact]
    public void No_selector_matches_nothing_and_an_empty_one_everything()
    {
        Assert.False(Selector.From(null).Matches(Labels("a=1")));
        Assert.True(Selector.From(LabelSelector.Empty).Matches(Labels("")));
    }

    [Fact]
    public void Labels_and_expressions_of_a_model_all_have_to_match()
    {
        var selector = Selector.From(new LabelSelector
        {
            MatchLabels = new Dictionary<string, string> { ["b"] = "2" },
            MatchExpressions = [new LabelSelectorRequirement { Key = "a", Operator = "NotIn", Values = ["1"] }],
        });
        Assert.Equal("a notin (1),b=2", selector.ToString());
        Assert.True(selector.Matches(Labels("b=2")));
        Assert.False(selector.Matches(Labels("a=1,b=2")));
        Assert.Throws<SelectorException>(() => Selector.From(new LabelSelector { MatchExpressions = [new LabelSelectorRequirement { Key = "a", Operator = "Near" }] }));
    }

    [Theory]
    [InlineData("metadata.name=a", true)]
    [InlineData("metadata.name==a,spec.nodeName!=", true)]
    [InlineData("metadata.name!=a", false)]
    [InlineData("status.phase=", true)]
    [InlineData(@"spec.nodeName=n\,1\=\\", true)]
    public void Fields_match_what_they_satisfy(string selector, bool matches)
    {
        var fields = new Dictionary<string, string> { ["metadata.name"] = "a", ["spec.nodeName"] = @"n,1=\" };
        Assert.Equal(matches, FieldSelector.Parse(selector).Matches(fields));
        Assert.Equal(matches, FieldSelector.Parse(FieldSelector.Parse(selector).ToString()).Matches(fields));
    }

    [Fact]
    public void A_field_selector_tells_which_value_it_needs()
    {
        var selector = FieldSelector.Parse("metadata.name=a,metadata.namespace!=b");
        Assert.Equal("a", selector.RequiresExactMatch("metadata.name"));
        Assert.Null(selector.RequiresExactMatch("metadata.namespace"));
        Assert.Equal("invalid selector: 'abc'; can't understand 'abc'", Assert.Throws<SelectorException>(() => FieldSelector.Parse("abc")).Message);
    }

    private static Dictionary<string, string> Labels(string text) =>
        text.Length == 0 ? [] : text.Split(',').ToDictionary(pair => pair.Split('=')[0], pair => pair.Split('=')[1]);
}
