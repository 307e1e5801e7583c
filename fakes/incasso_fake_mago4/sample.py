"""A small company to try a hub against: what an accountant would show on the first visit."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from incasso_fake_mago4.codes import Closing, Term
from incasso_fake_mago4.company import MagoCompany


def sample(url: str, on: date) -> MagoCompany:
    """Five customers with one of everything, as it stands on a day."""

    def day(days: int) -> date:
        return on + timedelta(days=days)

    begin = datetime.combine(day(-60), time(8))
    company = MagoCompany.create(url, name="ACME S.p.A.", begin=begin)
    _customers(company)
    due = [(day(-45), "1220.00"), (day(-15), "1220.00"), (day(15), "1220.00")]
    three = company.invoice("0001", "26/00012", on=day(-75), due=due)
    company.pay(three, 1, "1220.00", on=day(-40))
    company.pay(three, 2, "500.00", on=day(-10))
    company.credit_note("0001", "26/NC004", on=day(-20), due=[(day(-20), "100.00")])
    company.advance("0002", "26/AC001", on=day(-30), amount="250.00")
    bill = company.invoice(
        "0003", "26/00020", on=day(-70), due=[(day(-40), "3050.00")], term=Term.RIBA
    )
    company.issue_bill("1001", [(bill, 1)], on=day(-65))
    company.present("1001", on=day(-60), closing=True)
    company.come_back("1001", on=day(-35), charges="6.50")
    withheld = company.invoice("0004", "26/00031", on=day(-50), due=[(day(-20), "976.00")])
    company.pay(withheld, 1, "176.00", on=day(-20), kind=Closing.WITHHOLDING)
    company.invoice(
        "0005", "26/E0007", on=day(-50), due=[(day(-5), "800.00")], currency="USD", rate="1.08"
    )
    return company


def _customers(company: MagoCompany) -> None:
    names = (
        ("0001", "Ferramenta Rossi S.n.c.", "Bologna", "BO"),
        ("0002", "Edilizia Bianchi S.r.l.", "Modena", "MO"),
        ("0003", "Impianti Verdi S.p.A.", "Parma", "PR"),
        ("0004", "Studio Neri", "Forlì", "FC"),
        ("0005", "Brown Trading Ltd", "London", ""),
    )
    for code, name, city, county in names:
        company.customer(
            code,
            name,
            City=city,
            County=county,
            ISOCountryCode="GB" if city == "London" else "IT",
            EMail=f"amministrazione{code}@example.it",
            options={"MaximumCredit": 10000.0},
        )
